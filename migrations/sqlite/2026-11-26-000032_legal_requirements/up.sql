CREATE TABLE legal_requirement (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    department_id BLOB,
    responsible_person_id BLOB,
    promulgated_on TEXT,
    in_force_on TEXT,
    next_review_on TEXT NOT NULL,
    content TEXT NOT NULL,
    reviews TEXT NOT NULL,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX legal_requirement_title ON legal_requirement (organization_id, title, id);
CREATE INDEX legal_requirement_review ON legal_requirement (organization_id, next_review_on, id);
CREATE INDEX legal_requirement_updated ON legal_requirement (organization_id, updated_at, id);
CREATE INDEX legal_requirement_department ON legal_requirement (organization_id, department_id);
