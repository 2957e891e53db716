-- The annual plan with its rows, operation checklists with their runs (8.1).

CREATE TABLE annual_plan (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    fiscal_year integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    template text COLLATE "C",
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    sign_off_state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    closure jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX annual_plan_fiscal_year ON annual_plan (organization_id, fiscal_year);
CREATE INDEX annual_plan_updated ON annual_plan (organization_id, updated_at, id);
ALTER TABLE annual_plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE annual_plan FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON annual_plan
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE annual_plan_row (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    plan_id uuid NOT NULL,
    number integer NOT NULL,
    clause text COLLATE "C" NOT NULL,
    activity_group text COLLATE "C",
    activity text COLLATE "C" NOT NULL,
    document_name text COLLATE "C" NOT NULL,
    assignee_id uuid NOT NULL,
    recurrence text COLLATE "C" NOT NULL,
    scheduled_weeks jsonb NOT NULL,
    fulfilled_by text COLLATE "C",
    remarks text COLLATE "C" NOT NULL,
    added_later boolean NOT NULL,
    occurrences jsonb NOT NULL,
    changes jsonb NOT NULL,
    withdrawal jsonb,
    open_count integer NOT NULL,
    done_count integer NOT NULL,
    due_on date,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, plan_id) REFERENCES annual_plan (organization_id, id),
    FOREIGN KEY (organization_id, assignee_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX annual_plan_row_number ON annual_plan_row (organization_id, plan_id, number);
CREATE INDEX annual_plan_row_by_number ON annual_plan_row (organization_id, number, id);
CREATE INDEX annual_plan_row_assignee ON annual_plan_row (organization_id, assignee_id);
CREATE INDEX annual_plan_row_updated ON annual_plan_row (organization_id, updated_at, id);
ALTER TABLE annual_plan_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE annual_plan_row FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON annual_plan_row
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE operation_checklist (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    items jsonb NOT NULL,
    frequency text COLLATE "C" NOT NULL,
    first_due_on date NOT NULL,
    assignee_id uuid NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    last_run jsonb,
    next_due_on date,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, assignee_id) REFERENCES person (organization_id, id)
);
CREATE INDEX operation_checklist_title ON operation_checklist (organization_id, title, id);
CREATE INDEX operation_checklist_assignee ON operation_checklist (organization_id, assignee_id);
CREATE INDEX operation_checklist_updated ON operation_checklist (organization_id, updated_at, id);
ALTER TABLE operation_checklist ENABLE ROW LEVEL SECURITY;
ALTER TABLE operation_checklist FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON operation_checklist
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE checklist_run (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    checklist_id uuid NOT NULL,
    performed_on date NOT NULL,
    results jsonb NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    items jsonb NOT NULL,
    not_ok integer NOT NULL,
    performed_by jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, checklist_id) REFERENCES operation_checklist (organization_id, id)
);
CREATE INDEX checklist_run_performed ON checklist_run (organization_id, checklist_id, performed_on, id);
CREATE INDEX checklist_run_created ON checklist_run (organization_id, checklist_id, created_at, id);
ALTER TABLE checklist_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE checklist_run FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON checklist_run
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
