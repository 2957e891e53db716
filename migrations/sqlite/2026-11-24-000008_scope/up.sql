CREATE TABLE isms_scope (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX isms_scope_version ON isms_scope (organization_id, version);
CREATE UNIQUE INDEX isms_scope_in_force ON isms_scope (organization_id, state) WHERE state = 'in_force';
CREATE INDEX isms_scope_updated ON isms_scope (organization_id, updated_at, id);

CREATE TABLE zone (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    security_level INTEGER NOT NULL,
    in_scope INTEGER NOT NULL,
    adjacent_zone_ids TEXT NOT NULL,
    equipment TEXT NOT NULL,
    doors TEXT NOT NULL,
    allowed_person_ids TEXT NOT NULL,
    restrictions TEXT NOT NULL,
    retired_on TEXT,
    retirement_reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX zone_name_key ON zone (organization_id, name_key) WHERE retired_on IS NULL;
CREATE INDEX zone_name ON zone (organization_id, name, id);
CREATE INDEX zone_security_level ON zone (organization_id, security_level, id);
CREATE INDEX zone_updated ON zone (organization_id, updated_at, id);

CREATE TABLE entry_log_entry (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    zone_id BLOB NOT NULL,
    person_id BLOB,
    visitor_name TEXT,
    company TEXT,
    entered_at TEXT NOT NULL,
    left_at TEXT,
    escorted_by_id BLOB,
    permission TEXT NOT NULL,
    entered_on TEXT NOT NULL,
    day_ends_at TEXT NOT NULL,
    security_level INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    unattended INTEGER NOT NULL,
    department_id BLOB,
    recorded TEXT NOT NULL,
    voided TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, zone_id) REFERENCES zone (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, escorted_by_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    CHECK ((person_id IS NULL) <> (visitor_name IS NULL))
) STRICT;
CREATE INDEX entry_log_entry_entered ON entry_log_entry (organization_id, entered_at, id);
CREATE INDEX entry_log_entry_updated ON entry_log_entry (organization_id, updated_at, id);
CREATE INDEX entry_log_entry_zone ON entry_log_entry (organization_id, zone_id, entered_at);
CREATE INDEX entry_log_entry_day ON entry_log_entry (organization_id, entered_on);
CREATE INDEX entry_log_entry_person ON entry_log_entry (organization_id, person_id);
CREATE INDEX entry_log_entry_escort ON entry_log_entry (organization_id, escorted_by_id);
CREATE INDEX entry_log_entry_department ON entry_log_entry (organization_id, department_id);

CREATE TABLE network_diagram (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    last_node_number INTEGER NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX network_diagram_version ON network_diagram (organization_id, version);
CREATE UNIQUE INDEX network_diagram_in_force ON network_diagram (organization_id, state) WHERE state = 'in_force';
CREATE INDEX network_diagram_updated ON network_diagram (organization_id, updated_at, id);
