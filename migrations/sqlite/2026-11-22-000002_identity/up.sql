CREATE TABLE principal (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    person_id BLOB NOT NULL,
    email TEXT NOT NULL,
    state TEXT NOT NULL,
    password_hash TEXT,
    epoch INTEGER NOT NULL,
    failed_logins INTEGER NOT NULL,
    locked_until TEXT,
    deactivation_reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX principal_person ON principal (organization_id, person_id);
CREATE UNIQUE INDEX principal_email ON principal (organization_id, email);
CREATE INDEX principal_updated ON principal (organization_id, updated_at, id);

-- A session or an access token: what a request is made with.
CREATE TABLE credential (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    principal_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash BLOB,
    scopes TEXT,
    prefix TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    last_used_on TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, principal_id) REFERENCES principal (organization_id, id)
) STRICT;
CREATE INDEX credential_principal ON credential (organization_id, principal_id, id);

CREATE TABLE refresh_token (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    credential_id BLOB NOT NULL,
    secret_hash BLOB NOT NULL,
    used_at TEXT,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, credential_id) REFERENCES credential (organization_id, id)
) STRICT;
CREATE INDEX refresh_token_credential ON refresh_token (organization_id, credential_id);

CREATE TABLE one_time_link (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    principal_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, principal_id) REFERENCES principal (organization_id, id)
) STRICT;
CREATE INDEX one_time_link_principal ON one_time_link (organization_id, principal_id);
