-- Internal audits (9.2): plan and rows, the checklist, findings.
CREATE TABLE audit (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    last_row integer NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    course jsonb NOT NULL,
    report jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX audit_number ON audit (organization_id, number);
CREATE INDEX audit_updated ON audit (organization_id, updated_at, id);
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON audit
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- Who audits and what is audited, for reach: the rows themselves stand in the content of the audit.
CREATE TABLE audit_party (
    organization_id uuid NOT NULL,
    audit_id uuid NOT NULL,
    place integer NOT NULL,
    auditor_id uuid,
    department_id uuid,
    PRIMARY KEY (organization_id, audit_id, place),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id),
    FOREIGN KEY (organization_id, auditor_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE INDEX audit_party_auditor ON audit_party (organization_id, auditor_id);
CREATE INDEX audit_party_department ON audit_party (organization_id, department_id);
ALTER TABLE audit_party ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_party FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON audit_party
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE audit_checklist_item (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    audit_id uuid NOT NULL,
    number integer NOT NULL,
    clause text COLLATE "C",
    content jsonb NOT NULL,
    judgement text COLLATE "C",
    result jsonb,
    withdrawal jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id)
);
CREATE UNIQUE INDEX audit_checklist_item_number ON audit_checklist_item (organization_id, audit_id, number);
CREATE INDEX audit_checklist_item_updated ON audit_checklist_item (organization_id, updated_at, id);
ALTER TABLE audit_checklist_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_checklist_item FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON audit_checklist_item
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE finding (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    audit_id uuid,
    number integer NOT NULL,
    rank text COLLATE "C" NOT NULL,
    department_id uuid,
    checklist_item_id uuid,
    content jsonb NOT NULL,
    entered jsonb NOT NULL,
    response jsonb,
    follow_up jsonb,
    withdrawal jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, checklist_item_id) REFERENCES audit_checklist_item (organization_id, id)
);
CREATE INDEX finding_number ON finding (organization_id, number, id);
CREATE INDEX finding_audit ON finding (organization_id, audit_id, number);
CREATE INDEX finding_department ON finding (organization_id, department_id);
CREATE INDEX finding_updated ON finding (organization_id, updated_at, id);
ALTER TABLE finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE finding FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON finding
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
