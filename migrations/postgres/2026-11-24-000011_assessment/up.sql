CREATE TABLE risk_assessment (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    performed_on date NOT NULL,
    criteria_id uuid NOT NULL,
    criteria_version integer NOT NULL,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, criteria_id) REFERENCES risk_criteria (organization_id, id)
);
CREATE UNIQUE INDEX risk_assessment_version ON risk_assessment (organization_id, version);
CREATE UNIQUE INDEX risk_assessment_in_force ON risk_assessment (organization_id, state) WHERE state = 'in_force';
CREATE INDEX risk_assessment_performed ON risk_assessment (organization_id, performed_on, id);
CREATE INDEX risk_assessment_updated ON risk_assessment (organization_id, updated_at, id);
ALTER TABLE risk_assessment ENABLE ROW LEVEL SECURITY;
ALTER TABLE risk_assessment FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON risk_assessment
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE risk_assessment_row (
    organization_id uuid NOT NULL,
    risk_assessment_id uuid NOT NULL,
    risk_id uuid NOT NULL,
    number integer NOT NULL,
    risk_level integer NOT NULL,
    search text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (organization_id, risk_assessment_id, risk_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_assessment_id) REFERENCES risk_assessment (organization_id, id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id)
);
CREATE INDEX risk_assessment_row_number ON risk_assessment_row (organization_id, risk_assessment_id, number, risk_id);
CREATE INDEX risk_assessment_row_level ON risk_assessment_row (organization_id, risk_assessment_id, risk_level, risk_id);
ALTER TABLE risk_assessment_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE risk_assessment_row FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON risk_assessment_row
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE treatment_plan (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    risk_assessment_id uuid,
    remarks text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    reviewed_on date,
    closed jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_assessment_id) REFERENCES risk_assessment (organization_id, id)
);
CREATE UNIQUE INDEX treatment_plan_number ON treatment_plan (organization_id, number);
CREATE INDEX treatment_plan_updated ON treatment_plan (organization_id, updated_at, id);
ALTER TABLE treatment_plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE treatment_plan FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON treatment_plan
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE treatment_plan_risk (
    organization_id uuid NOT NULL,
    treatment_plan_id uuid NOT NULL,
    risk_id uuid NOT NULL,
    approval jsonb,
    PRIMARY KEY (organization_id, treatment_plan_id, risk_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, treatment_plan_id) REFERENCES treatment_plan (organization_id, id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id)
);
CREATE INDEX treatment_plan_risk_risk ON treatment_plan_risk (organization_id, risk_id);
ALTER TABLE treatment_plan_risk ENABLE ROW LEVEL SECURITY;
ALTER TABLE treatment_plan_risk FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON treatment_plan_risk
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE treatment_plan_row (
    organization_id uuid NOT NULL,
    treatment_plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    risk_id uuid NOT NULL,
    number integer NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (organization_id, treatment_plan_id, item_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, treatment_plan_id) REFERENCES treatment_plan (organization_id, id),
    FOREIGN KEY (organization_id, item_id) REFERENCES treatment_item (organization_id, id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id)
);
CREATE UNIQUE INDEX treatment_plan_row_number ON treatment_plan_row (organization_id, treatment_plan_id, number);
ALTER TABLE treatment_plan_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE treatment_plan_row FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON treatment_plan_row
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
