CREATE TABLE education_programme (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    fiscal_year integer NOT NULL,
    version integer NOT NULL,
    owner_id uuid NOT NULL,
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
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, owner_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX education_programme_version ON education_programme (organization_id, fiscal_year, version);
-- One of a year is in force, and one on its way (R-12).
CREATE UNIQUE INDEX education_programme_in_force ON education_programme (organization_id, fiscal_year)
    WHERE state = 'in_force';
CREATE UNIQUE INDEX education_programme_on_its_way ON education_programme (organization_id, fiscal_year)
    WHERE state IN ('draft', 'submitted');
CREATE INDEX education_programme_year ON education_programme (organization_id, fiscal_year, id);
CREATE INDEX education_programme_updated ON education_programme (organization_id, updated_at, id);
ALTER TABLE education_programme ENABLE ROW LEVEL SECURITY;
ALTER TABLE education_programme FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON education_programme
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
