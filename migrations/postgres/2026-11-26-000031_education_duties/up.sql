CREATE TABLE education_duty (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    theme text COLLATE "C" NOT NULL,
    cause text COLLATE "C" NOT NULL,
    person_id uuid,
    record_id uuid,
    starts_on date NOT NULL,
    due_on date NOT NULL,
    subject text COLLATE "C" NOT NULL,
    fulfilled_on date,
    fulfilment jsonb,
    waiver jsonb,
    lapsed_on date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX education_duty_due ON education_duty (organization_id, due_on, id);
CREATE INDEX education_duty_updated ON education_duty (organization_id, updated_at, id);
CREATE INDEX education_duty_person ON education_duty (organization_id, person_id);
CREATE INDEX education_duty_record ON education_duty (organization_id, record_id);
ALTER TABLE education_duty ENABLE ROW LEVEL SECURITY;
ALTER TABLE education_duty FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON education_duty
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
