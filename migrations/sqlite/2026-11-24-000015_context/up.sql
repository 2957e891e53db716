CREATE TABLE context_issue (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    issue_type TEXT NOT NULL,
    content TEXT NOT NULL,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX context_issue_number ON context_issue (organization_id, number);
CREATE INDEX context_issue_updated ON context_issue (organization_id, updated_at, id);

CREATE TABLE context_action (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    issue_id BLOB,
    party_id BLOB,
    requirement_number INTEGER,
    content TEXT NOT NULL,
    addresses TEXT NOT NULL,
    responsible_person_id BLOB NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    completion TEXT,
    effectiveness TEXT,
    cancellation_reason TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((issue_id IS NULL) <> (party_id IS NULL)),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, issue_id) REFERENCES context_issue (organization_id, id),
    FOREIGN KEY (organization_id, party_id) REFERENCES interested_party (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX context_action_number ON context_action (organization_id, number);
CREATE INDEX context_action_due ON context_action (organization_id, due_on, id);
CREATE INDEX context_action_updated ON context_action (organization_id, updated_at, id);
CREATE INDEX context_action_responsible ON context_action (organization_id, responsible_person_id);
CREATE INDEX context_action_issue ON context_action (organization_id, issue_id);
CREATE INDEX context_action_party ON context_action (organization_id, party_id);

CREATE TABLE context_review (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    reviewed_on TEXT NOT NULL,
    content TEXT NOT NULL,
    kept TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    communication_due_on TEXT,
    communicated TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX context_review_version ON context_review (organization_id, version);
CREATE UNIQUE INDEX context_review_in_force ON context_review (organization_id, state) WHERE state = 'in_force';
CREATE INDEX context_review_reviewed ON context_review (organization_id, reviewed_on, id);
CREATE INDEX context_review_updated ON context_review (organization_id, updated_at, id);

-- The review is what is approved, not the single issue.
UPDATE annual_plan_row SET fulfilled_by = 'context_review' WHERE fulfilled_by = 'context_issue';
