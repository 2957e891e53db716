-- How long records are kept, and their disposal (7.5.3 f).
CREATE TABLE retention_rule (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX retention_rule_number ON retention_rule (organization_id, number);
CREATE UNIQUE INDEX retention_rule_subject ON retention_rule (organization_id, subject)
    WHERE subject <> 'elsewhere' AND retirement IS NULL;
CREATE INDEX retention_rule_updated ON retention_rule (organization_id, updated_at, id);

CREATE TABLE disposal (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    items TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX disposal_number ON disposal (organization_id, number);
CREATE INDEX disposal_updated ON disposal (organization_id, updated_at, id);

-- What is erased, and whether the bytes of a file are gone from the store.
ALTER TABLE person ADD COLUMN erased_at TEXT;
ALTER TABLE entry_log_entry ADD COLUMN erased_at TEXT;
ALTER TABLE stored_file ADD COLUMN erased_at TEXT;
ALTER TABLE stored_file ADD COLUMN removed_at TEXT;
