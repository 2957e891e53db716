CREATE TABLE interested_party (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    requirements jsonb NOT NULL,
    last_number integer NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    reviewed_on date,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX interested_party_name_key ON interested_party (organization_id, name_key) WHERE retirement IS NULL;
CREATE INDEX interested_party_name ON interested_party (organization_id, name, id);
CREATE INDEX interested_party_updated ON interested_party (organization_id, updated_at, id);
ALTER TABLE interested_party ENABLE ROW LEVEL SECURITY;
ALTER TABLE interested_party FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON interested_party
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
