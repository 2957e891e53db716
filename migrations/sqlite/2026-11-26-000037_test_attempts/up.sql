-- Attempts at the tests of campaigns (7.2): every one is kept, one at a time is under way.
CREATE TABLE test_attempt (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    enrolment_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    test_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    score INTEGER,
    pass_score INTEGER NOT NULL,
    total_points INTEGER NOT NULL,
    answers TEXT,
    submitted_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, enrolment_id) REFERENCES enrolment (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, test_id) REFERENCES comprehension_test (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX test_attempt_number ON test_attempt (organization_id, enrolment_id, number);
CREATE UNIQUE INDEX test_attempt_under_way ON test_attempt (organization_id, enrolment_id) WHERE state = 'started';
CREATE INDEX test_attempt_person ON test_attempt (organization_id, person_id, state, test_id);
CREATE INDEX test_attempt_test ON test_attempt (organization_id, test_id);
CREATE INDEX test_attempt_created ON test_attempt (organization_id, created_at, id);
CREATE INDEX test_attempt_updated ON test_attempt (organization_id, updated_at, id);

-- How often a learner was given a new link: earlier ones open nothing any more. Links themselves are not kept.
CREATE TABLE learning_link (
    organization_id BLOB NOT NULL,
    enrolment_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (organization_id, enrolment_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, enrolment_id) REFERENCES enrolment (organization_id, id)
) STRICT;
