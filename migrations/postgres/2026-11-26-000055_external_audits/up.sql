-- Audits by outside bodies (9.2, 10.2); their findings stand in the register of findings.
CREATE TABLE external_audit (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    starts_on date NOT NULL,
    responsible_person_id uuid NOT NULL,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    result jsonb,
    report_id uuid,
    closed jsonb,
    cancelled jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, report_id) REFERENCES stored_file (organization_id, id)
);
CREATE UNIQUE INDEX external_audit_number ON external_audit (organization_id, number);
CREATE INDEX external_audit_starts ON external_audit (organization_id, starts_on, id);
CREATE INDEX external_audit_updated ON external_audit (organization_id, updated_at, id);
ALTER TABLE external_audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE external_audit FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON external_audit
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- A finding is of one audit: an internal one, or one by an outside body.
ALTER TABLE finding ADD COLUMN external_audit_id uuid;
ALTER TABLE finding ADD FOREIGN KEY (organization_id, external_audit_id) REFERENCES external_audit (organization_id, id);
ALTER TABLE finding ADD CHECK ((audit_id IS NULL) <> (external_audit_id IS NULL));
CREATE INDEX finding_external_audit ON finding (organization_id, external_audit_id, number);
