-- Auditors from outside as guests of one audit (9.2): name, address and days stand with the person who signs.
CREATE TABLE audit_guest (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    audit_id uuid NOT NULL,
    person_id uuid NOT NULL,
    ended jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX audit_guest_person ON audit_guest (organization_id, person_id);
CREATE INDEX audit_guest_audit ON audit_guest (organization_id, audit_id, updated_at, id);
ALTER TABLE audit_guest ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_guest FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON audit_guest
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
