-- Attempts at the tests of campaigns (7.2): every one is kept, one at a time is under way.
CREATE TABLE test_attempt (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    enrolment_id uuid NOT NULL,
    person_id uuid NOT NULL,
    test_id uuid NOT NULL,
    number integer NOT NULL,
    state text COLLATE "C" NOT NULL,
    score integer,
    pass_score integer NOT NULL,
    total_points integer NOT NULL,
    answers jsonb,
    submitted_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, enrolment_id) REFERENCES enrolment (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, test_id) REFERENCES comprehension_test (organization_id, id)
);
CREATE UNIQUE INDEX test_attempt_number ON test_attempt (organization_id, enrolment_id, number);
CREATE UNIQUE INDEX test_attempt_under_way ON test_attempt (organization_id, enrolment_id) WHERE state = 'started';
CREATE INDEX test_attempt_person ON test_attempt (organization_id, person_id, state, test_id);
CREATE INDEX test_attempt_test ON test_attempt (organization_id, test_id);
CREATE INDEX test_attempt_created ON test_attempt (organization_id, created_at, id);
CREATE INDEX test_attempt_updated ON test_attempt (organization_id, updated_at, id);
ALTER TABLE test_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE test_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON test_attempt
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- How often a learner was given a new link: earlier ones open nothing any more. Links themselves are not kept.
CREATE TABLE learning_link (
    organization_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    epoch integer NOT NULL,
    PRIMARY KEY (organization_id, enrolment_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, enrolment_id) REFERENCES enrolment (organization_id, id)
);
ALTER TABLE learning_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE learning_link FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON learning_link
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
