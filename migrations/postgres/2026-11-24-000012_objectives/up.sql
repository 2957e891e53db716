-- Objectives (6.2), planned changes (6.3), resources (7.1).

CREATE TABLE objective (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    department_id uuid,
    responsible_person_id uuid NOT NULL,
    replaces_id uuid,
    replaced_by_id uuid,
    due_on date NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    ending jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, replaces_id) REFERENCES objective (organization_id, id),
    FOREIGN KEY (organization_id, replaced_by_id) REFERENCES objective (organization_id, id)
);
CREATE UNIQUE INDEX objective_number ON objective (organization_id, number);
CREATE INDEX objective_due ON objective (organization_id, due_on, id);
CREATE INDEX objective_updated ON objective (organization_id, updated_at, id);
CREATE INDEX objective_department ON objective (organization_id, department_id);
CREATE INDEX objective_responsible_person ON objective (organization_id, responsible_person_id);
ALTER TABLE objective ENABLE ROW LEVEL SECURITY;
ALTER TABLE objective FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON objective
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE planned_change (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    content jsonb NOT NULL,
    responsible_person_id uuid NOT NULL,
    planned_on date NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    completion jsonb,
    cancellation_reason text COLLATE "C",
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX planned_change_number ON planned_change (organization_id, number);
CREATE INDEX planned_change_planned ON planned_change (organization_id, planned_on, id);
CREATE INDEX planned_change_updated ON planned_change (organization_id, updated_at, id);
CREATE INDEX planned_change_responsible_person ON planned_change (organization_id, responsible_person_id);
ALTER TABLE planned_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE planned_change FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON planned_change
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE provided_resource (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    content jsonb NOT NULL,
    category text COLLATE "C" NOT NULL,
    department_id uuid,
    responsible_person_id uuid NOT NULL,
    due_on date NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    provided_on date,
    withdrawal_reason text COLLATE "C",
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX provided_resource_number ON provided_resource (organization_id, number);
CREATE INDEX provided_resource_due ON provided_resource (organization_id, due_on, id);
CREATE INDEX provided_resource_updated ON provided_resource (organization_id, updated_at, id);
CREATE INDEX provided_resource_department ON provided_resource (organization_id, department_id);
CREATE INDEX provided_resource_responsible_person ON provided_resource (organization_id, responsible_person_id);
ALTER TABLE provided_resource ENABLE ROW LEVEL SECURITY;
ALTER TABLE provided_resource FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON provided_resource
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
