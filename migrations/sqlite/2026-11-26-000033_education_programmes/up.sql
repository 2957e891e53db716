CREATE TABLE education_programme (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    fiscal_year INTEGER NOT NULL,
    version INTEGER NOT NULL,
    owner_id BLOB NOT NULL,
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
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, owner_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX education_programme_version ON education_programme (organization_id, fiscal_year, version);
-- One of a year is in force, and one on its way (R-12).
CREATE UNIQUE INDEX education_programme_in_force ON education_programme (organization_id, fiscal_year)
    WHERE state = 'in_force';
CREATE UNIQUE INDEX education_programme_on_its_way ON education_programme (organization_id, fiscal_year)
    WHERE state IN ('draft', 'submitted');
CREATE INDEX education_programme_year ON education_programme (organization_id, fiscal_year, id);
CREATE INDEX education_programme_updated ON education_programme (organization_id, updated_at, id);
