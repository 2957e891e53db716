-- Organizations known to this database. Holds no content; the only tables without row-level security are this one,
-- login and setup.
CREATE TABLE tenant (
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id)
);

-- The person who sets the service up proves it with this token, once.
CREATE TABLE setup (
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (id)
);

-- Which principals log in with an e-mail address, over all organizations.
CREATE TABLE login (
    email text COLLATE "C" NOT NULL,
    organization_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    PRIMARY KEY (email, organization_id)
);

CREATE TABLE organization (
    organization_id uuid NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    settings jsonb NOT NULL,
    time_zone text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON organization
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE organization_version (
    organization_id uuid NOT NULL,
    version integer NOT NULL,
    settings jsonb NOT NULL,
    in_force_at timestamptz NOT NULL,
    changed_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, version),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
ALTER TABLE organization_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_version FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON organization_version
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE counter (
    organization_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    value integer NOT NULL,
    PRIMARY KEY (organization_id, name),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
ALTER TABLE counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE counter FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON counter
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE department (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    parent_id uuid,
    abolished_on date,
    abolition_reason text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES department (organization_id, id)
);
CREATE UNIQUE INDEX department_name ON department (organization_id, name_key) WHERE abolished_on IS NULL;
CREATE INDEX department_updated ON department (organization_id, updated_at, id);
ALTER TABLE department ENABLE ROW LEVEL SECURITY;
ALTER TABLE department FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON department
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE department_ancestor (
    organization_id uuid NOT NULL,
    department_id uuid NOT NULL,
    ancestor_id uuid NOT NULL,
    PRIMARY KEY (organization_id, department_id, ancestor_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, ancestor_id) REFERENCES department (organization_id, id)
);
CREATE INDEX department_ancestor_of ON department_ancestor (organization_id, ancestor_id);
ALTER TABLE department_ancestor ENABLE ROW LEVEL SECURITY;
ALTER TABLE department_ancestor FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON department_ancestor
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE person (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_kana text COLLATE "C",
    employee_number text COLLATE "C",
    email text COLLATE "C",
    worker_kind text COLLATE "C" NOT NULL,
    department_id uuid,
    joined_on date NOT NULL,
    left_on date,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE UNIQUE INDEX person_email ON person (organization_id, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX person_employee_number ON person (organization_id, employee_number) WHERE employee_number IS NOT NULL;
CREATE INDEX person_name ON person (organization_id, name, id);
CREATE INDEX person_updated ON person (organization_id, updated_at, id);
CREATE INDEX person_department ON person (organization_id, department_id);
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON person
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE position (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    title_key text COLLATE "C" NOT NULL,
    department_id uuid NOT NULL,
    is_head boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE UNIQUE INDEX position_title ON position (organization_id, department_id, title_key);
CREATE UNIQUE INDEX position_head ON position (organization_id, department_id) WHERE is_head;
CREATE INDEX position_updated ON position (organization_id, updated_at, id);
ALTER TABLE position ENABLE ROW LEVEL SECURITY;
ALTER TABLE position FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON position
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE position_holder (
    organization_id uuid NOT NULL,
    position_id uuid NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    person_id uuid NOT NULL,
    PRIMARY KEY (organization_id, position_id, starts_on),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, position_id) REFERENCES position (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX position_holder_person ON position_holder (organization_id, person_id);
ALTER TABLE position_holder ENABLE ROW LEVEL SECURITY;
ALTER TABLE position_holder FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON position_holder
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE appointment (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    role text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    department_id uuid,
    kind text COLLATE "C" NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    deputy_person_id uuid,
    deputy_from date,
    deputy_until date,
    remarks text COLLATE "C" NOT NULL,
    stage text COLLATE "C" NOT NULL,
    end_reason text COLLATE "C",
    sign_off jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, deputy_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE INDEX appointment_person ON appointment (organization_id, person_id);
CREATE INDEX appointment_deputy ON appointment (organization_id, deputy_person_id);
CREATE INDEX appointment_role ON appointment (organization_id, role, id);
CREATE INDEX appointment_updated ON appointment (organization_id, updated_at, id);
ALTER TABLE appointment ENABLE ROW LEVEL SECURITY;
ALTER TABLE appointment FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON appointment
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
