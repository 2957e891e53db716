-- What the organization recorded about the eight commitments of top management; nothing is stored about the others.
CREATE TABLE leadership_commitment (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    reviewed_on TEXT,
    sign_off TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX leadership_commitment_number ON leadership_commitment (organization_id, number);

-- The information security policy in editions.
CREATE TABLE policy (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    search TEXT NOT NULL,
    content TEXT NOT NULL,
    publications TEXT NOT NULL,
    published_on TEXT,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX policy_version ON policy (organization_id, version);
CREATE UNIQUE INDEX policy_in_force ON policy (organization_id, state) WHERE state = 'in_force';
CREATE INDEX policy_updated ON policy (organization_id, updated_at, id);
