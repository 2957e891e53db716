-- How long records are kept, and their disposal (7.5.3 f).
CREATE TABLE retention_rule (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX retention_rule_number ON retention_rule (organization_id, number);
CREATE UNIQUE INDEX retention_rule_subject ON retention_rule (organization_id, subject)
    WHERE subject <> 'elsewhere' AND retirement IS NULL;
CREATE INDEX retention_rule_updated ON retention_rule (organization_id, updated_at, id);
ALTER TABLE retention_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention_rule FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON retention_rule
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE disposal (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    items jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX disposal_number ON disposal (organization_id, number);
CREATE INDEX disposal_updated ON disposal (organization_id, updated_at, id);
ALTER TABLE disposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE disposal FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON disposal
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- What is erased, and whether the bytes of a file are gone from the store.
ALTER TABLE person ADD COLUMN erased_at timestamptz;
ALTER TABLE entry_log_entry ADD COLUMN erased_at timestamptz;
ALTER TABLE stored_file ADD COLUMN erased_at timestamptz;
ALTER TABLE stored_file ADD COLUMN removed_at timestamptz;
