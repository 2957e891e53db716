-- What interested parties say, and what was done about it (9.3.2 e).
CREATE TABLE interested_party_feedback (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    received_on date NOT NULL,
    interested_party_id uuid,
    department_id uuid,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    handled jsonb,
    voided jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, interested_party_id) REFERENCES interested_party (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE UNIQUE INDEX interested_party_feedback_number ON interested_party_feedback (organization_id, number);
CREATE INDEX interested_party_feedback_received ON interested_party_feedback (organization_id, received_on, id);
CREATE INDEX interested_party_feedback_updated ON interested_party_feedback (organization_id, updated_at, id);
ALTER TABLE interested_party_feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE interested_party_feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON interested_party_feedback
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
