-- Notices: written in the transaction of what they tell, sent by e-mail afterwards.
CREATE TABLE notice (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    person_id BLOB NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    education_enrolment_id BLOB,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT NOT NULL,
    claimed_until TEXT,
    fault TEXT,
    reply_code INTEGER,
    sent_at TEXT,
    cancelled TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX notice_created ON notice (organization_id, created_at, id);
CREATE INDEX notice_updated ON notice (organization_id, updated_at, id);
CREATE INDEX notice_person ON notice (organization_id, person_id);
CREATE INDEX notice_due ON notice (organization_id, next_attempt_at, id) WHERE state = 'pending';
