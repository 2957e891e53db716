-- Audit trail, change feed and outbox. Texts, not documents: the hash is over exactly these characters.
CREATE TABLE event (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_id TEXT NOT NULL,
    principal_id BLOB,
    person_id BLOB,
    actor TEXT NOT NULL,
    resource TEXT NOT NULL,
    record_id BLOB,
    before TEXT,
    after TEXT,
    sequence INTEGER,
    hash BLOB,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX event_sequence ON event (organization_id, sequence);
CREATE INDEX event_unsealed ON event (organization_id, id) WHERE sequence IS NULL;
CREATE INDEX event_record ON event (organization_id, record_id, sequence);

CREATE TABLE event_chain (
    organization_id BLOB NOT NULL,
    head_sequence INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    PRIMARY KEY (organization_id)
) STRICT;

CREATE TABLE idempotency_key (
    organization_id BLOB NOT NULL,
    principal_id BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, principal_id, key),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE INDEX idempotency_key_age ON idempotency_key (organization_id, created_at);
