CREATE TABLE risk_assessment (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    performed_on TEXT NOT NULL,
    criteria_id BLOB NOT NULL,
    criteria_version INTEGER NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, criteria_id) REFERENCES risk_criteria (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX risk_assessment_version ON risk_assessment (organization_id, version);
CREATE UNIQUE INDEX risk_assessment_in_force ON risk_assessment (organization_id, state) WHERE state = 'in_force';
CREATE INDEX risk_assessment_performed ON risk_assessment (organization_id, performed_on, id);
CREATE INDEX risk_assessment_updated ON risk_assessment (organization_id, updated_at, id);

CREATE TABLE risk_assessment_row (
    organization_id BLOB NOT NULL,
    risk_assessment_id BLOB NOT NULL,
    risk_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    risk_level INTEGER NOT NULL,
    search TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (organization_id, risk_assessment_id, risk_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_assessment_id) REFERENCES risk_assessment (organization_id, id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_assessment_row_number ON risk_assessment_row (organization_id, risk_assessment_id, number, risk_id);
CREATE INDEX risk_assessment_row_level ON risk_assessment_row (organization_id, risk_assessment_id, risk_level, risk_id);

CREATE TABLE treatment_plan (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    risk_assessment_id BLOB,
    remarks TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    reviewed_on TEXT,
    closed TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_assessment_id) REFERENCES risk_assessment (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX treatment_plan_number ON treatment_plan (organization_id, number);
CREATE INDEX treatment_plan_updated ON treatment_plan (organization_id, updated_at, id);

CREATE TABLE treatment_plan_risk (
    organization_id BLOB NOT NULL,
    treatment_plan_id BLOB NOT NULL,
    risk_id BLOB NOT NULL,
    approval TEXT,
    PRIMARY KEY (organization_id, treatment_plan_id, risk_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, treatment_plan_id) REFERENCES treatment_plan (organization_id, id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX treatment_plan_risk_risk ON treatment_plan_risk (organization_id, risk_id);

CREATE TABLE treatment_plan_row (
    organization_id BLOB NOT NULL,
    treatment_plan_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    risk_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (organization_id, treatment_plan_id, item_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, treatment_plan_id) REFERENCES treatment_plan (organization_id, id),
    FOREIGN KEY (organization_id, item_id) REFERENCES treatment_item (organization_id, id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX treatment_plan_row_number ON treatment_plan_row (organization_id, treatment_plan_id, number);
