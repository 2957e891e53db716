-- What interested parties say, and what was done about it (9.3.2 e).
CREATE TABLE interested_party_feedback (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    received_on TEXT NOT NULL,
    interested_party_id BLOB,
    department_id BLOB,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    handled TEXT,
    voided TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, interested_party_id) REFERENCES interested_party (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX interested_party_feedback_number ON interested_party_feedback (organization_id, number);
CREATE INDEX interested_party_feedback_received ON interested_party_feedback (organization_id, received_on, id);
CREATE INDEX interested_party_feedback_updated ON interested_party_feedback (organization_id, updated_at, id);
