-- Organizations known to this database. Holds no content; the only tables without row-level security are this one,
-- login and setup.
CREATE TABLE tenant (
    id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;

-- The person who sets the service up proves it with this token, once.
CREATE TABLE setup (
    id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    used_at TEXT,
    PRIMARY KEY (id)
) STRICT;

-- Which principals log in with an e-mail address, over all organizations.
CREATE TABLE login (
    email TEXT NOT NULL,
    organization_id BLOB NOT NULL,
    principal_id BLOB NOT NULL,
    PRIMARY KEY (email, organization_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE organization (
    organization_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;

CREATE TABLE organization_version (
    organization_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    settings TEXT NOT NULL,
    in_force_at TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (organization_id, version),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;

CREATE TABLE counter (
    organization_id BLOB NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (organization_id, name),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE department (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    parent_id BLOB,
    abolished_on TEXT,
    abolition_reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX department_name ON department (organization_id, name_key) WHERE abolished_on IS NULL;
CREATE INDEX department_updated ON department (organization_id, updated_at, id);

CREATE TABLE department_ancestor (
    organization_id BLOB NOT NULL,
    department_id BLOB NOT NULL,
    ancestor_id BLOB NOT NULL,
    PRIMARY KEY (organization_id, department_id, ancestor_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, ancestor_id) REFERENCES department (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX department_ancestor_of ON department_ancestor (organization_id, ancestor_id);

CREATE TABLE person (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_kana TEXT,
    employee_number TEXT,
    email TEXT,
    worker_kind TEXT NOT NULL,
    department_id BLOB,
    joined_on TEXT NOT NULL,
    left_on TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX person_email ON person (organization_id, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX person_employee_number ON person (organization_id, employee_number) WHERE employee_number IS NOT NULL;
CREATE INDEX person_name ON person (organization_id, name, id);
CREATE INDEX person_updated ON person (organization_id, updated_at, id);
CREATE INDEX person_department ON person (organization_id, department_id);

CREATE TABLE position (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    department_id BLOB NOT NULL,
    is_head INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX position_title ON position (organization_id, department_id, title_key);
CREATE UNIQUE INDEX position_head ON position (organization_id, department_id) WHERE is_head;
CREATE INDEX position_updated ON position (organization_id, updated_at, id);

CREATE TABLE position_holder (
    organization_id BLOB NOT NULL,
    position_id BLOB NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    person_id BLOB NOT NULL,
    PRIMARY KEY (organization_id, position_id, starts_on),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, position_id) REFERENCES position (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX position_holder_person ON position_holder (organization_id, person_id);

CREATE TABLE appointment (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    role TEXT NOT NULL,
    person_id BLOB NOT NULL,
    department_id BLOB,
    kind TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    deputy_person_id BLOB,
    deputy_from TEXT,
    deputy_until TEXT,
    remarks TEXT NOT NULL,
    stage TEXT NOT NULL,
    end_reason TEXT,
    sign_off TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, deputy_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE INDEX appointment_person ON appointment (organization_id, person_id);
CREATE INDEX appointment_deputy ON appointment (organization_id, deputy_person_id);
CREATE INDEX appointment_role ON appointment (organization_id, role, id);
CREATE INDEX appointment_updated ON appointment (organization_id, updated_at, id);
