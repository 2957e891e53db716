-- Notices: written in the transaction of what they tell, sent by e-mail afterwards.
CREATE TABLE notice (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    subject text COLLATE "C" NOT NULL,
    text text COLLATE "C" NOT NULL,
    education_enrolment_id uuid,
    state text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    claimed_until timestamptz,
    fault text COLLATE "C",
    reply_code integer,
    sent_at timestamptz,
    cancelled jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX notice_created ON notice (organization_id, created_at, id);
CREATE INDEX notice_updated ON notice (organization_id, updated_at, id);
CREATE INDEX notice_person ON notice (organization_id, person_id);
CREATE INDEX notice_due ON notice (organization_id, next_attempt_at, id) WHERE state = 'pending';
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON notice
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
