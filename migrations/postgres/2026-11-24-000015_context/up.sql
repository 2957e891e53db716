CREATE TABLE context_issue (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    issue_type text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX context_issue_number ON context_issue (organization_id, number);
CREATE INDEX context_issue_updated ON context_issue (organization_id, updated_at, id);
ALTER TABLE context_issue ENABLE ROW LEVEL SECURITY;
ALTER TABLE context_issue FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON context_issue
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE context_action (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    issue_id uuid,
    party_id uuid,
    requirement_number integer,
    content jsonb NOT NULL,
    addresses text COLLATE "C" NOT NULL,
    responsible_person_id uuid NOT NULL,
    due_on date NOT NULL,
    state text COLLATE "C" NOT NULL,
    completion jsonb,
    effectiveness jsonb,
    cancellation_reason text COLLATE "C",
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((issue_id IS NULL) <> (party_id IS NULL)),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, issue_id) REFERENCES context_issue (organization_id, id),
    FOREIGN KEY (organization_id, party_id) REFERENCES interested_party (organization_id, id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX context_action_number ON context_action (organization_id, number);
CREATE INDEX context_action_due ON context_action (organization_id, due_on, id);
CREATE INDEX context_action_updated ON context_action (organization_id, updated_at, id);
CREATE INDEX context_action_responsible ON context_action (organization_id, responsible_person_id);
CREATE INDEX context_action_issue ON context_action (organization_id, issue_id);
CREATE INDEX context_action_party ON context_action (organization_id, party_id);
ALTER TABLE context_action ENABLE ROW LEVEL SECURITY;
ALTER TABLE context_action FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON context_action
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE context_review (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    reviewed_on date NOT NULL,
    content jsonb NOT NULL,
    kept jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    communication_due_on date,
    communicated jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX context_review_version ON context_review (organization_id, version);
CREATE UNIQUE INDEX context_review_in_force ON context_review (organization_id, state) WHERE state = 'in_force';
CREATE INDEX context_review_reviewed ON context_review (organization_id, reviewed_on, id);
CREATE INDEX context_review_updated ON context_review (organization_id, updated_at, id);
ALTER TABLE context_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE context_review FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON context_review
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- The review is what is approved, not the single issue.
ALTER TABLE annual_plan_row NO FORCE ROW LEVEL SECURITY;
UPDATE annual_plan_row SET fulfilled_by = 'context_review' WHERE fulfilled_by = 'context_issue';
ALTER TABLE annual_plan_row FORCE ROW LEVEL SECURITY;
