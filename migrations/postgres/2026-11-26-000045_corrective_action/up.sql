-- Corrective actions (10.2): the whole form, its round under way and those before it.
CREATE TABLE corrective_action (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    fiscal_year integer NOT NULL,
    serial integer NOT NULL,
    ordinal integer NOT NULL,
    source text COLLATE "C" NOT NULL,
    target_department_id uuid NOT NULL,
    issued_on date NOT NULL,
    clause text COLLATE "C",
    control text COLLATE "C",
    requested_by_id uuid NOT NULL,
    responsible_person_id uuid,
    auditor_id uuid,
    source_resource text COLLATE "C",
    source_record_id uuid,
    state text COLLATE "C" NOT NULL,
    due_on date,
    closed_on date,
    self_approved boolean NOT NULL,
    content jsonb NOT NULL,
    request_sign_off jsonb NOT NULL,
    round jsonb NOT NULL,
    earlier_rounds jsonb NOT NULL,
    called_off jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, target_department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, requested_by_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, auditor_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX corrective_action_number ON corrective_action (organization_id, fiscal_year, serial);
CREATE INDEX corrective_action_ordinal ON corrective_action (organization_id, ordinal, id);
CREATE INDEX corrective_action_updated ON corrective_action (organization_id, updated_at, id);
CREATE INDEX corrective_action_issued ON corrective_action (organization_id, issued_on, id);
CREATE INDEX corrective_action_department ON corrective_action (organization_id, target_department_id);
CREATE INDEX corrective_action_source_record ON corrective_action (organization_id, source_record_id);
ALTER TABLE corrective_action ENABLE ROW LEVEL SECURITY;
ALTER TABLE corrective_action FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON corrective_action
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
