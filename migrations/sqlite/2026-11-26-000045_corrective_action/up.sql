-- Corrective actions (10.2): the whole form, its round under way and those before it.
CREATE TABLE corrective_action (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    fiscal_year INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    source TEXT NOT NULL,
    target_department_id BLOB NOT NULL,
    issued_on TEXT NOT NULL,
    clause TEXT,
    control TEXT,
    requested_by_id BLOB NOT NULL,
    responsible_person_id BLOB,
    auditor_id BLOB,
    source_resource TEXT,
    source_record_id BLOB,
    state TEXT NOT NULL,
    due_on TEXT,
    closed_on TEXT,
    self_approved INTEGER NOT NULL,
    content TEXT NOT NULL,
    request_sign_off TEXT NOT NULL,
    round TEXT NOT NULL,
    earlier_rounds TEXT NOT NULL,
    called_off TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, target_department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, requested_by_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, auditor_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX corrective_action_number ON corrective_action (organization_id, fiscal_year, serial);
CREATE INDEX corrective_action_ordinal ON corrective_action (organization_id, ordinal, id);
CREATE INDEX corrective_action_updated ON corrective_action (organization_id, updated_at, id);
CREATE INDEX corrective_action_issued ON corrective_action (organization_id, issued_on, id);
CREATE INDEX corrective_action_department ON corrective_action (organization_id, target_department_id);
CREATE INDEX corrective_action_source_record ON corrective_action (organization_id, source_record_id);
