-- Comprehension tests (7.2), with their keys.
CREATE TABLE comprehension_test (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    fiscal_year integer NOT NULL,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    authors jsonb NOT NULL,
    published jsonb,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE INDEX comprehension_test_title ON comprehension_test (organization_id, title, id);
CREATE INDEX comprehension_test_updated ON comprehension_test (organization_id, updated_at, id);
ALTER TABLE comprehension_test ENABLE ROW LEVEL SECURITY;
ALTER TABLE comprehension_test FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON comprehension_test
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
