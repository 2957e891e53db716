-- Internal audits (9.2): plan and rows, the checklist, findings.
CREATE TABLE audit (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    last_row INTEGER NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    course TEXT NOT NULL,
    report TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX audit_number ON audit (organization_id, number);
CREATE INDEX audit_updated ON audit (organization_id, updated_at, id);

-- Who audits and what is audited, for reach: the rows themselves stand in the content of the audit.
CREATE TABLE audit_party (
    organization_id BLOB NOT NULL,
    audit_id BLOB NOT NULL,
    place INTEGER NOT NULL,
    auditor_id BLOB,
    department_id BLOB,
    PRIMARY KEY (organization_id, audit_id, place),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id),
    FOREIGN KEY (organization_id, auditor_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE INDEX audit_party_auditor ON audit_party (organization_id, auditor_id);
CREATE INDEX audit_party_department ON audit_party (organization_id, department_id);

CREATE TABLE audit_checklist_item (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    audit_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    clause TEXT,
    content TEXT NOT NULL,
    judgement TEXT,
    result TEXT,
    withdrawal TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX audit_checklist_item_number ON audit_checklist_item (organization_id, audit_id, number);
CREATE INDEX audit_checklist_item_updated ON audit_checklist_item (organization_id, updated_at, id);

CREATE TABLE finding (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    audit_id BLOB,
    number INTEGER NOT NULL,
    rank TEXT NOT NULL,
    department_id BLOB,
    checklist_item_id BLOB,
    content TEXT NOT NULL,
    entered TEXT NOT NULL,
    response TEXT,
    follow_up TEXT,
    withdrawal TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, checklist_item_id) REFERENCES audit_checklist_item (organization_id, id)
) STRICT;
CREATE INDEX finding_number ON finding (organization_id, number, id);
CREATE INDEX finding_audit ON finding (organization_id, audit_id, number);
CREATE INDEX finding_department ON finding (organization_id, department_id);
CREATE INDEX finding_updated ON finding (organization_id, updated_at, id);
