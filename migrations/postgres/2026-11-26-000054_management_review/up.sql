-- Management reviews and their instructions (9.3).
CREATE TABLE management_review (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    planned_on date NOT NULL,
    content jsonb NOT NULL,
    is_first boolean NOT NULL,
    held_on date,
    held jsonb,
    facts jsonb,
    context_rows jsonb,
    outputs jsonb NOT NULL,
    next_due_on date,
    communication_due_on date,
    communicated jsonb,
    closed jsonb,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX management_review_number ON management_review (organization_id, number);
CREATE INDEX management_review_planned ON management_review (organization_id, planned_on, id);
CREATE INDEX management_review_held ON management_review (organization_id, held_on, id);
CREATE INDEX management_review_updated ON management_review (organization_id, updated_at, id);
ALTER TABLE management_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE management_review FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON management_review
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE review_action (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    review_id uuid NOT NULL,
    output text COLLATE "C" NOT NULL,
    instruction text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    responsible_person_id uuid NOT NULL,
    due_on date NOT NULL,
    progress jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    completion jsonb,
    effectiveness jsonb,
    cancellation_reason text COLLATE "C",
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, review_id) REFERENCES management_review (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX review_action_number ON review_action (organization_id, number);
CREATE INDEX review_action_due ON review_action (organization_id, due_on, id);
CREATE INDEX review_action_review ON review_action (organization_id, review_id);
CREATE INDEX review_action_updated ON review_action (organization_id, updated_at, id);
ALTER TABLE review_action ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_action FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON review_action
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
