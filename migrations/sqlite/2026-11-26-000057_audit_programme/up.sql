-- The audit programmes of the fiscal years, each in versions (9.2.2).
CREATE TABLE audit_programme (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    fiscal_year INTEGER NOT NULL,
    version INTEGER NOT NULL,
    last_row INTEGER NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX audit_programme_version ON audit_programme (organization_id, fiscal_year, version);
-- One of a year is in force, and one on its way.
CREATE UNIQUE INDEX audit_programme_in_force ON audit_programme (organization_id, fiscal_year)
    WHERE state = 'in_force';
CREATE UNIQUE INDEX audit_programme_on_its_way ON audit_programme (organization_id, fiscal_year)
    WHERE state IN ('draft', 'submitted');
CREATE INDEX audit_programme_year ON audit_programme (organization_id, fiscal_year, id);
CREATE INDEX audit_programme_updated ON audit_programme (organization_id, updated_at, id);

-- The row of a year's programme that an audit fulfils; which version named it stands in the content.
ALTER TABLE audit ADD COLUMN programme_year INTEGER;
ALTER TABLE audit ADD COLUMN programme_row INTEGER;
CREATE INDEX audit_programme_row ON audit (organization_id, programme_year, programme_row);

-- The control that an item asks about beside the clause, to know when it was audited last.
ALTER TABLE audit_checklist_item ADD COLUMN control TEXT;
UPDATE audit_checklist_item SET control = content ->> 'control';
