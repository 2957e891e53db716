CREATE TABLE statement_of_applicability (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    copied_from INTEGER,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX statement_of_applicability_version ON statement_of_applicability (organization_id, version);
CREATE UNIQUE INDEX statement_of_applicability_in_force ON statement_of_applicability (organization_id, state)
    WHERE state = 'in_force';
CREATE INDEX statement_of_applicability_updated ON statement_of_applicability (organization_id, updated_at, id);

-- A row of a statement for each control; `place` is its order there.
CREATE TABLE applicability_control (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    statement_id BLOB NOT NULL,
    place INTEGER NOT NULL,
    control_id TEXT NOT NULL,
    title TEXT NOT NULL,
    decision TEXT NOT NULL,
    implementation_status TEXT,
    justification TEXT NOT NULL,
    documents TEXT NOT NULL,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, statement_id) REFERENCES statement_of_applicability (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX applicability_control_control ON applicability_control (organization_id, statement_id, control_id);
CREATE UNIQUE INDEX applicability_control_place ON applicability_control (organization_id, statement_id, place);
CREATE INDEX applicability_control_updated ON applicability_control (organization_id, statement_id, updated_at, id);
