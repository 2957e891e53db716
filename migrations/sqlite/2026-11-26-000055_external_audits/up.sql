-- Audits by outside bodies (9.2, 10.2); their findings stand in the register of findings.
CREATE TABLE external_audit (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    responsible_person_id BLOB NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    result TEXT,
    report_id BLOB,
    closed TEXT,
    cancelled TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, report_id) REFERENCES stored_file (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX external_audit_number ON external_audit (organization_id, number);
CREATE INDEX external_audit_starts ON external_audit (organization_id, starts_on, id);
CREATE INDEX external_audit_updated ON external_audit (organization_id, updated_at, id);

-- A finding is of one audit: an internal one, or one by an outside body.
ALTER TABLE finding ADD COLUMN external_audit_id BLOB CHECK ((audit_id IS NULL) <> (external_audit_id IS NULL));
CREATE INDEX finding_external_audit ON finding (organization_id, external_audit_id, number);
