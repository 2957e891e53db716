-- Objectives (6.2), planned changes (6.3), resources (7.1).

CREATE TABLE objective (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    department_id BLOB,
    responsible_person_id BLOB NOT NULL,
    replaces_id BLOB,
    replaced_by_id BLOB,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    ending TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, replaces_id) REFERENCES objective (organization_id, id),
    FOREIGN KEY (organization_id, replaced_by_id) REFERENCES objective (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX objective_number ON objective (organization_id, number);
CREATE INDEX objective_due ON objective (organization_id, due_on, id);
CREATE INDEX objective_updated ON objective (organization_id, updated_at, id);
CREATE INDEX objective_department ON objective (organization_id, department_id);
CREATE INDEX objective_responsible_person ON objective (organization_id, responsible_person_id);

CREATE TABLE planned_change (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    responsible_person_id BLOB NOT NULL,
    planned_on TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    completion TEXT,
    cancellation_reason TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX planned_change_number ON planned_change (organization_id, number);
CREATE INDEX planned_change_planned ON planned_change (organization_id, planned_on, id);
CREATE INDEX planned_change_updated ON planned_change (organization_id, updated_at, id);
CREATE INDEX planned_change_responsible_person ON planned_change (organization_id, responsible_person_id);

CREATE TABLE provided_resource (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    category TEXT NOT NULL,
    department_id BLOB,
    responsible_person_id BLOB NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    provided_on TEXT,
    withdrawal_reason TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX provided_resource_number ON provided_resource (organization_id, number);
CREATE INDEX provided_resource_due ON provided_resource (organization_id, due_on, id);
CREATE INDEX provided_resource_updated ON provided_resource (organization_id, updated_at, id);
CREATE INDEX provided_resource_department ON provided_resource (organization_id, department_id);
CREATE INDEX provided_resource_responsible_person ON provided_resource (organization_id, responsible_person_id);
