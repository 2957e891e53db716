CREATE TABLE education_duty (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    theme TEXT NOT NULL,
    cause TEXT NOT NULL,
    person_id BLOB,
    record_id BLOB,
    starts_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    subject TEXT NOT NULL,
    fulfilled_on TEXT,
    fulfilment TEXT,
    waiver TEXT,
    lapsed_on TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX education_duty_due ON education_duty (organization_id, due_on, id);
CREATE INDEX education_duty_updated ON education_duty (organization_id, updated_at, id);
CREATE INDEX education_duty_person ON education_duty (organization_id, person_id);
CREATE INDEX education_duty_record ON education_duty (organization_id, record_id);
