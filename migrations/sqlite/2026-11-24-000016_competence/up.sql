CREATE TABLE competence_requirement (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    role TEXT NOT NULL,
    requirement TEXT NOT NULL,
    remarks TEXT NOT NULL,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX competence_requirement_number ON competence_requirement (organization_id, number);
CREATE INDEX competence_requirement_role ON competence_requirement (organization_id, role);
CREATE INDEX competence_requirement_updated ON competence_requirement (organization_id, updated_at, id);

CREATE TABLE competence_check (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    role TEXT NOT NULL,
    person_id BLOB NOT NULL,
    checked_on TEXT NOT NULL,
    content TEXT NOT NULL,
    items TEXT NOT NULL,
    appointment_class TEXT NOT NULL,
    improvement_due_on TEXT,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX competence_check_checked ON competence_check (organization_id, checked_on, id);
CREATE INDEX competence_check_person ON competence_check (organization_id, person_id, role);
CREATE INDEX competence_check_updated ON competence_check (organization_id, updated_at, id);

-- An appointment rests on a check where its role demands one (R-15).
ALTER TABLE appointment ADD COLUMN competence_check_id BLOB;
ALTER TABLE appointment ADD COLUMN formal_since TEXT;
