-- Audit trail, change feed and outbox. Texts, not documents: the hash is over exactly these characters.
CREATE TABLE event (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    principal_id uuid,
    person_id uuid,
    actor text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    record_id uuid,
    before text COLLATE "C",
    after text COLLATE "C",
    sequence bigint,
    hash bytea,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX event_sequence ON event (organization_id, sequence);
CREATE INDEX event_unsealed ON event (organization_id, id) WHERE sequence IS NULL;
CREATE INDEX event_record ON event (organization_id, record_id, sequence);
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
ALTER TABLE event FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON event
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE event_chain (
    organization_id uuid NOT NULL,
    head_sequence bigint NOT NULL,
    head_hash bytea NOT NULL,
    PRIMARY KEY (organization_id)
);
ALTER TABLE event_chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_chain FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON event_chain
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE idempotency_key (
    organization_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, principal_id, key),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE INDEX idempotency_key_age ON idempotency_key (organization_id, created_at);
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_key FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON idempotency_key
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
