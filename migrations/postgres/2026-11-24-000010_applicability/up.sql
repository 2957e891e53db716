CREATE TABLE statement_of_applicability (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    copied_from integer,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX statement_of_applicability_version ON statement_of_applicability (organization_id, version);
CREATE UNIQUE INDEX statement_of_applicability_in_force ON statement_of_applicability (organization_id, state)
    WHERE state = 'in_force';
CREATE INDEX statement_of_applicability_updated ON statement_of_applicability (organization_id, updated_at, id);
ALTER TABLE statement_of_applicability ENABLE ROW LEVEL SECURITY;
ALTER TABLE statement_of_applicability FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON statement_of_applicability
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- A row of a statement for each control; `place` is its order there.
CREATE TABLE applicability_control (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    statement_id uuid NOT NULL,
    place integer NOT NULL,
    control_id text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    decision text COLLATE "C" NOT NULL,
    implementation_status text COLLATE "C",
    justification text COLLATE "C" NOT NULL,
    documents jsonb NOT NULL,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, statement_id) REFERENCES statement_of_applicability (organization_id, id)
);
CREATE UNIQUE INDEX applicability_control_control ON applicability_control (organization_id, statement_id, control_id);
CREATE UNIQUE INDEX applicability_control_place ON applicability_control (organization_id, statement_id, place);
CREATE INDEX applicability_control_updated ON applicability_control (organization_id, statement_id, updated_at, id);
ALTER TABLE applicability_control ENABLE ROW LEVEL SECURITY;
ALTER TABLE applicability_control FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON applicability_control
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
