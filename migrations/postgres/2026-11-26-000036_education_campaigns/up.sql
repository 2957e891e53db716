-- Education campaigns (7.2): the plan, and the training record with the learners that it keeps.
CREATE TABLE education_campaign (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    fiscal_year integer NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    test_id uuid,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    cancelled jsonb,
    opened jsonb,
    extensions jsonb NOT NULL,
    closed jsonb,
    record jsonb,
    record_figures jsonb,
    record_sign_off jsonb,
    learners jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, test_id) REFERENCES comprehension_test (organization_id, id)
);
CREATE INDEX education_campaign_name ON education_campaign (organization_id, name, id);
CREATE INDEX education_campaign_period ON education_campaign (organization_id, period_start, id);
CREATE INDEX education_campaign_updated ON education_campaign (organization_id, updated_at, id);
CREATE INDEX education_campaign_year ON education_campaign (organization_id, fiscal_year, id);
CREATE INDEX education_campaign_test ON education_campaign (organization_id, test_id);
ALTER TABLE education_campaign ENABLE ROW LEVEL SECURITY;
ALTER TABLE education_campaign FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON education_campaign
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- The files that the learners read.
CREATE TABLE education_material (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    campaign_id uuid NOT NULL,
    file_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    added jsonb NOT NULL,
    withdrawn jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES education_campaign (organization_id, id),
    FOREIGN KEY (organization_id, file_id) REFERENCES stored_file (organization_id, id)
);
CREATE INDEX education_material_created ON education_material (organization_id, campaign_id, created_at, id);
CREATE INDEX education_material_updated ON education_material (organization_id, campaign_id, updated_at, id);
CREATE INDEX education_material_file ON education_material (organization_id, file_id);
ALTER TABLE education_material ENABLE ROW LEVEL SECURITY;
ALTER TABLE education_material FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON education_material
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- The learners of a campaign.
CREATE TABLE enrolment (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    campaign_id uuid NOT NULL,
    person_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    due_on date NOT NULL,
    joined_within boolean NOT NULL,
    invited_at timestamptz,
    reminded_at timestamptz,
    started_on date,
    completion jsonb,
    exclusion jsonb,
    survey_answered boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES education_campaign (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX enrolment_once ON enrolment (organization_id, campaign_id, person_id);
CREATE INDEX enrolment_person ON enrolment (organization_id, person_id, due_on, id);
CREATE INDEX enrolment_due ON enrolment (organization_id, due_on, id);
CREATE INDEX enrolment_updated ON enrolment (organization_id, updated_at, id);
ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolment FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON enrolment
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- What learners answered: without the learner, the time, or an order.
CREATE TABLE education_survey_answer (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    answers jsonb NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES education_campaign (organization_id, id)
);
CREATE INDEX education_survey_answer_campaign ON education_survey_answer (organization_id, campaign_id);
ALTER TABLE education_survey_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE education_survey_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON education_survey_answer
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
