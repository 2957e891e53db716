-- The annual plan with its rows, operation checklists with their runs (8.1).

CREATE TABLE annual_plan (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    fiscal_year INTEGER NOT NULL,
    title TEXT NOT NULL,
    remarks TEXT NOT NULL,
    template TEXT,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    sign_off_state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    closure TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX annual_plan_fiscal_year ON annual_plan (organization_id, fiscal_year);
CREATE INDEX annual_plan_updated ON annual_plan (organization_id, updated_at, id);

CREATE TABLE annual_plan_row (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    plan_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    clause TEXT NOT NULL,
    activity_group TEXT,
    activity TEXT NOT NULL,
    document_name TEXT NOT NULL,
    assignee_id BLOB NOT NULL,
    recurrence TEXT NOT NULL,
    scheduled_weeks TEXT NOT NULL,
    fulfilled_by TEXT,
    remarks TEXT NOT NULL,
    added_later INTEGER NOT NULL,
    occurrences TEXT NOT NULL,
    changes TEXT NOT NULL,
    withdrawal TEXT,
    open_count INTEGER NOT NULL,
    done_count INTEGER NOT NULL,
    due_on TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, plan_id) REFERENCES annual_plan (organization_id, id),
    FOREIGN KEY (organization_id, assignee_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX annual_plan_row_number ON annual_plan_row (organization_id, plan_id, number);
CREATE INDEX annual_plan_row_by_number ON annual_plan_row (organization_id, number, id);
CREATE INDEX annual_plan_row_assignee ON annual_plan_row (organization_id, assignee_id);
CREATE INDEX annual_plan_row_updated ON annual_plan_row (organization_id, updated_at, id);

CREATE TABLE operation_checklist (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    title TEXT NOT NULL,
    items TEXT NOT NULL,
    frequency TEXT NOT NULL,
    first_due_on TEXT NOT NULL,
    assignee_id BLOB NOT NULL,
    remarks TEXT NOT NULL,
    last_run TEXT,
    next_due_on TEXT,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, assignee_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX operation_checklist_title ON operation_checklist (organization_id, title, id);
CREATE INDEX operation_checklist_assignee ON operation_checklist (organization_id, assignee_id);
CREATE INDEX operation_checklist_updated ON operation_checklist (organization_id, updated_at, id);

CREATE TABLE checklist_run (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    checklist_id BLOB NOT NULL,
    performed_on TEXT NOT NULL,
    results TEXT NOT NULL,
    remarks TEXT NOT NULL,
    items TEXT NOT NULL,
    not_ok INTEGER NOT NULL,
    performed_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, checklist_id) REFERENCES operation_checklist (organization_id, id)
) STRICT;
CREATE INDEX checklist_run_performed ON checklist_run (organization_id, checklist_id, performed_on, id);
CREATE INDEX checklist_run_created ON checklist_run (organization_id, checklist_id, created_at, id);
