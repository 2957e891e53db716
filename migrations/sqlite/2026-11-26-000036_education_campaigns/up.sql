-- Education campaigns (7.2): the plan, and the training record with the learners that it keeps.
CREATE TABLE education_campaign (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    period_start TEXT NOT NULL,
    period_end TEXT NOT NULL,
    test_id BLOB,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    cancelled TEXT,
    opened TEXT,
    extensions TEXT NOT NULL,
    closed TEXT,
    record TEXT,
    record_figures TEXT,
    record_sign_off TEXT,
    learners TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, test_id) REFERENCES comprehension_test (organization_id, id)
) STRICT;
CREATE INDEX education_campaign_name ON education_campaign (organization_id, name, id);
CREATE INDEX education_campaign_period ON education_campaign (organization_id, period_start, id);
CREATE INDEX education_campaign_updated ON education_campaign (organization_id, updated_at, id);
CREATE INDEX education_campaign_year ON education_campaign (organization_id, fiscal_year, id);
CREATE INDEX education_campaign_test ON education_campaign (organization_id, test_id);

-- The files that the learners read.
CREATE TABLE education_material (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    campaign_id BLOB NOT NULL,
    file_id BLOB NOT NULL,
    state TEXT NOT NULL,
    added TEXT NOT NULL,
    withdrawn TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES education_campaign (organization_id, id),
    FOREIGN KEY (organization_id, file_id) REFERENCES stored_file (organization_id, id)
) STRICT;
CREATE INDEX education_material_created ON education_material (organization_id, campaign_id, created_at, id);
CREATE INDEX education_material_updated ON education_material (organization_id, campaign_id, updated_at, id);
CREATE INDEX education_material_file ON education_material (organization_id, file_id);

-- The learners of a campaign.
CREATE TABLE enrolment (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    campaign_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    state TEXT NOT NULL,
    due_on TEXT NOT NULL,
    joined_within INTEGER NOT NULL,
    invited_at TEXT,
    reminded_at TEXT,
    started_on TEXT,
    completion TEXT,
    exclusion TEXT,
    survey_answered INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES education_campaign (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX enrolment_once ON enrolment (organization_id, campaign_id, person_id);
CREATE INDEX enrolment_person ON enrolment (organization_id, person_id, due_on, id);
CREATE INDEX enrolment_due ON enrolment (organization_id, due_on, id);
CREATE INDEX enrolment_updated ON enrolment (organization_id, updated_at, id);

-- What learners answered: without the learner, the time, or an order.
CREATE TABLE education_survey_answer (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    answers TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES education_campaign (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX education_survey_answer_campaign ON education_survey_answer (organization_id, campaign_id);
