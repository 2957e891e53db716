CREATE TABLE legal_requirement (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    department_id uuid,
    responsible_person_id uuid,
    promulgated_on date,
    in_force_on date,
    next_review_on date NOT NULL,
    content jsonb NOT NULL,
    reviews jsonb NOT NULL,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX legal_requirement_title ON legal_requirement (organization_id, title, id);
CREATE INDEX legal_requirement_review ON legal_requirement (organization_id, next_review_on, id);
CREATE INDEX legal_requirement_updated ON legal_requirement (organization_id, updated_at, id);
CREATE INDEX legal_requirement_department ON legal_requirement (organization_id, department_id);
ALTER TABLE legal_requirement ENABLE ROW LEVEL SECURITY;
ALTER TABLE legal_requirement FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON legal_requirement
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
