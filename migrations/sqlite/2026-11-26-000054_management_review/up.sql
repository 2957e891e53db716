-- Management reviews and their instructions (9.3).
CREATE TABLE management_review (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    planned_on TEXT NOT NULL,
    content TEXT NOT NULL,
    is_first INTEGER NOT NULL,
    held_on TEXT,
    held TEXT,
    facts TEXT,
    context_rows TEXT,
    outputs TEXT NOT NULL,
    next_due_on TEXT,
    communication_due_on TEXT,
    communicated TEXT,
    closed TEXT,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX management_review_number ON management_review (organization_id, number);
CREATE INDEX management_review_planned ON management_review (organization_id, planned_on, id);
CREATE INDEX management_review_held ON management_review (organization_id, held_on, id);
CREATE INDEX management_review_updated ON management_review (organization_id, updated_at, id);

CREATE TABLE review_action (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    review_id BLOB NOT NULL,
    output TEXT NOT NULL,
    instruction TEXT NOT NULL,
    content TEXT NOT NULL,
    responsible_person_id BLOB NOT NULL,
    due_on TEXT NOT NULL,
    progress TEXT NOT NULL,
    state TEXT NOT NULL,
    completion TEXT,
    effectiveness TEXT,
    cancellation_reason TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, review_id) REFERENCES management_review (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX review_action_number ON review_action (organization_id, number);
CREATE INDEX review_action_due ON review_action (organization_id, due_on, id);
CREATE INDEX review_action_review ON review_action (organization_id, review_id);
CREATE INDEX review_action_updated ON review_action (organization_id, updated_at, id);
