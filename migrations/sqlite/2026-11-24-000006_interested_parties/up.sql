CREATE TABLE interested_party (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    requirements TEXT NOT NULL,
    last_number INTEGER NOT NULL,
    remarks TEXT NOT NULL,
    reviewed_on TEXT,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX interested_party_name_key ON interested_party (organization_id, name_key) WHERE retirement IS NULL;
CREATE INDEX interested_party_name ON interested_party (organization_id, name, id);
CREATE INDEX interested_party_updated ON interested_party (organization_id, updated_at, id);
