CREATE TABLE principal (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    person_id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    password_hash text COLLATE "C",
    epoch integer NOT NULL,
    failed_logins integer NOT NULL,
    locked_until timestamptz,
    deactivation_reason text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX principal_person ON principal (organization_id, person_id);
CREATE UNIQUE INDEX principal_email ON principal (organization_id, email);
CREATE INDEX principal_updated ON principal (organization_id, updated_at, id);
ALTER TABLE principal ENABLE ROW LEVEL SECURITY;
ALTER TABLE principal FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON principal
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- A session or an access token: what a request is made with.
CREATE TABLE credential (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    principal_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    secret_hash bytea,
    scopes jsonb,
    prefix text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_on date,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, principal_id) REFERENCES principal (organization_id, id)
);
CREATE INDEX credential_principal ON credential (organization_id, principal_id, id);
ALTER TABLE credential ENABLE ROW LEVEL SECURITY;
ALTER TABLE credential FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON credential
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE refresh_token (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    credential_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    used_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, credential_id) REFERENCES credential (organization_id, id)
);
CREATE INDEX refresh_token_credential ON refresh_token (organization_id, credential_id);
ALTER TABLE refresh_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_token FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON refresh_token
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE one_time_link (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    principal_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    secret_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, principal_id) REFERENCES principal (organization_id, id)
);
CREATE INDEX one_time_link_principal ON one_time_link (organization_id, principal_id);
ALTER TABLE one_time_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE one_time_link FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON one_time_link
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
