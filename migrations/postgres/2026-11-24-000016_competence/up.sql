CREATE TABLE competence_requirement (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    role text COLLATE "C" NOT NULL,
    requirement text COLLATE "C" NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX competence_requirement_number ON competence_requirement (organization_id, number);
CREATE INDEX competence_requirement_role ON competence_requirement (organization_id, role);
CREATE INDEX competence_requirement_updated ON competence_requirement (organization_id, updated_at, id);
ALTER TABLE competence_requirement ENABLE ROW LEVEL SECURITY;
ALTER TABLE competence_requirement FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON competence_requirement
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE competence_check (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    role text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    checked_on date NOT NULL,
    content jsonb NOT NULL,
    items jsonb NOT NULL,
    appointment_class text COLLATE "C" NOT NULL,
    improvement_due_on date,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX competence_check_checked ON competence_check (organization_id, checked_on, id);
CREATE INDEX competence_check_person ON competence_check (organization_id, person_id, role);
CREATE INDEX competence_check_updated ON competence_check (organization_id, updated_at, id);
ALTER TABLE competence_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE competence_check FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON competence_check
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- An appointment rests on a check where its role demands one (R-15).
ALTER TABLE appointment ADD COLUMN competence_check_id uuid;
ALTER TABLE appointment ADD COLUMN formal_since date;
