-- What the organization recorded about the eight commitments of top management; nothing is stored about the others.
CREATE TABLE leadership_commitment (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    evidence text COLLATE "C" NOT NULL,
    reviewed_on date,
    sign_off jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX leadership_commitment_number ON leadership_commitment (organization_id, number);
ALTER TABLE leadership_commitment ENABLE ROW LEVEL SECURITY;
ALTER TABLE leadership_commitment FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON leadership_commitment
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- The information security policy in editions.
CREATE TABLE policy (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    search text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    publications jsonb NOT NULL,
    published_on date,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX policy_version ON policy (organization_id, version);
CREATE UNIQUE INDEX policy_in_force ON policy (organization_id, state) WHERE state = 'in_force';
CREATE INDEX policy_updated ON policy (organization_id, updated_at, id);
ALTER TABLE policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON policy
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
