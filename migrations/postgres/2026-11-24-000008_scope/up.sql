CREATE TABLE isms_scope (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX isms_scope_version ON isms_scope (organization_id, version);
CREATE UNIQUE INDEX isms_scope_in_force ON isms_scope (organization_id, state) WHERE state = 'in_force';
CREATE INDEX isms_scope_updated ON isms_scope (organization_id, updated_at, id);
ALTER TABLE isms_scope ENABLE ROW LEVEL SECURITY;
ALTER TABLE isms_scope FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON isms_scope
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE zone (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    security_level integer NOT NULL,
    in_scope boolean NOT NULL,
    adjacent_zone_ids jsonb NOT NULL,
    equipment jsonb NOT NULL,
    doors jsonb NOT NULL,
    allowed_person_ids jsonb NOT NULL,
    restrictions text COLLATE "C" NOT NULL,
    retired_on date,
    retirement_reason text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX zone_name_key ON zone (organization_id, name_key) WHERE retired_on IS NULL;
CREATE INDEX zone_name ON zone (organization_id, name, id);
CREATE INDEX zone_security_level ON zone (organization_id, security_level, id);
CREATE INDEX zone_updated ON zone (organization_id, updated_at, id);
ALTER TABLE zone ENABLE ROW LEVEL SECURITY;
ALTER TABLE zone FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON zone
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE entry_log_entry (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    zone_id uuid NOT NULL,
    person_id uuid,
    visitor_name text COLLATE "C",
    company text COLLATE "C",
    entered_at timestamptz NOT NULL,
    left_at timestamptz,
    escorted_by_id uuid,
    permission text COLLATE "C" NOT NULL,
    entered_on date NOT NULL,
    day_ends_at timestamptz NOT NULL,
    security_level integer NOT NULL,
    listed boolean NOT NULL,
    unattended boolean NOT NULL,
    department_id uuid,
    recorded jsonb NOT NULL,
    voided jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, zone_id) REFERENCES zone (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, escorted_by_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    CHECK ((person_id IS NULL) <> (visitor_name IS NULL))
);
CREATE INDEX entry_log_entry_entered ON entry_log_entry (organization_id, entered_at, id);
CREATE INDEX entry_log_entry_updated ON entry_log_entry (organization_id, updated_at, id);
CREATE INDEX entry_log_entry_zone ON entry_log_entry (organization_id, zone_id, entered_at);
CREATE INDEX entry_log_entry_day ON entry_log_entry (organization_id, entered_on);
CREATE INDEX entry_log_entry_person ON entry_log_entry (organization_id, person_id);
CREATE INDEX entry_log_entry_escort ON entry_log_entry (organization_id, escorted_by_id);
CREATE INDEX entry_log_entry_department ON entry_log_entry (organization_id, department_id);
ALTER TABLE entry_log_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_log_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON entry_log_entry
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE network_diagram (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    last_node_number integer NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX network_diagram_version ON network_diagram (organization_id, version);
CREATE UNIQUE INDEX network_diagram_in_force ON network_diagram (organization_id, state) WHERE state = 'in_force';
CREATE INDEX network_diagram_updated ON network_diagram (organization_id, updated_at, id);
ALTER TABLE network_diagram ENABLE ROW LEVEL SECURITY;
ALTER TABLE network_diagram FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON network_diagram
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
