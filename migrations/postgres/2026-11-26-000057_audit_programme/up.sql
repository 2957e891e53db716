-- The audit programmes of the fiscal years, each in versions (9.2.2).
CREATE TABLE audit_programme (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    fiscal_year integer NOT NULL,
    version integer NOT NULL,
    last_row integer NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX audit_programme_version ON audit_programme (organization_id, fiscal_year, version);
-- One of a year is in force, and one on its way.
CREATE UNIQUE INDEX audit_programme_in_force ON audit_programme (organization_id, fiscal_year)
    WHERE state = 'in_force';
CREATE UNIQUE INDEX audit_programme_on_its_way ON audit_programme (organization_id, fiscal_year)
    WHERE state IN ('draft', 'submitted');
CREATE INDEX audit_programme_year ON audit_programme (organization_id, fiscal_year, id);
CREATE INDEX audit_programme_updated ON audit_programme (organization_id, updated_at, id);
ALTER TABLE audit_programme ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_programme FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON audit_programme
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- The row of a year's programme that an audit fulfils; which version named it stands in the content.
ALTER TABLE audit ADD COLUMN programme_year integer;
ALTER TABLE audit ADD COLUMN programme_row integer;
CREATE INDEX audit_programme_row ON audit (organization_id, programme_year, programme_row);

-- The control that an item asks about beside the clause, to know when it was audited last. A migration belongs to no
-- organization and lifts the forced row-level security.
ALTER TABLE audit_checklist_item ADD COLUMN control text COLLATE "C";
ALTER TABLE audit_checklist_item NO FORCE ROW LEVEL SECURITY;
UPDATE audit_checklist_item SET control = content ->> 'control';
ALTER TABLE audit_checklist_item FORCE ROW LEVEL SECURITY;
