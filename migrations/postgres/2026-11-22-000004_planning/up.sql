CREATE TABLE asset (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    business_category text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    authorized_users text COLLATE "C" NOT NULL,
    risk_owner_person_id uuid,
    risk_owner_position_id uuid,
    managing_department_id uuid NOT NULL,
    media text COLLATE "C" NOT NULL,
    storage_location text COLLATE "C" NOT NULL,
    confidentiality integer NOT NULL,
    integrity integer NOT NULL,
    availability integer NOT NULL,
    contains_personal_data boolean NOT NULL,
    contains_sensitive_personal_data boolean NOT NULL,
    contains_my_number boolean NOT NULL,
    business_critical boolean NOT NULL,
    business_critical_reason text COLLATE "C",
    classification text COLLATE "C",
    asset_class text COLLATE "C",
    retention_period text COLLATE "C",
    registered_on date,
    importance integer NOT NULL,
    importance_basis text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    disposal jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_owner_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, risk_owner_position_id) REFERENCES position (organization_id, id),
    FOREIGN KEY (organization_id, managing_department_id) REFERENCES department (organization_id, id),
    CHECK ((risk_owner_person_id IS NULL) <> (risk_owner_position_id IS NULL))
);
CREATE UNIQUE INDEX asset_number ON asset (organization_id, number);
CREATE INDEX asset_name ON asset (organization_id, name, id);
CREATE INDEX asset_importance ON asset (organization_id, importance, id);
CREATE INDEX asset_updated ON asset (organization_id, updated_at, id);
CREATE INDEX asset_department ON asset (organization_id, managing_department_id);
CREATE INDEX asset_owner_person ON asset (organization_id, risk_owner_person_id);
CREATE INDEX asset_owner_position ON asset (organization_id, risk_owner_position_id);
ALTER TABLE asset ENABLE ROW LEVEL SECURITY;
ALTER TABLE asset FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON asset
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE risk_criteria (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX risk_criteria_version ON risk_criteria (organization_id, version);
CREATE UNIQUE INDEX risk_criteria_in_force ON risk_criteria (organization_id, state) WHERE state = 'in_force';
CREATE INDEX risk_criteria_updated ON risk_criteria (organization_id, updated_at, id);
ALTER TABLE risk_criteria ENABLE ROW LEVEL SECURITY;
ALTER TABLE risk_criteria FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON risk_criteria
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE risk (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    risk_source text COLLATE "C" NOT NULL,
    impact_area text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    lost_properties jsonb NOT NULL,
    cause text COLLATE "C" NOT NULL,
    consequence text COLLATE "C" NOT NULL,
    risk_owner_person_id uuid,
    risk_owner_position_id uuid,
    owner_stated boolean NOT NULL,
    department_id uuid,
    department_stated boolean NOT NULL,
    stated_importance integer,
    likelihood_basis jsonb,
    remarks text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    importance integer,
    likelihood integer,
    risk_level integer NOT NULL,
    initial jsonb,
    residual jsonb,
    treatment jsonb,
    response_status text COLLATE "C" NOT NULL,
    needs_reanalysis boolean NOT NULL,
    decisions jsonb NOT NULL,
    prepared_by uuid,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_owner_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, risk_owner_position_id) REFERENCES position (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE UNIQUE INDEX risk_number ON risk (organization_id, number);
CREATE INDEX risk_level ON risk (organization_id, risk_level, id);
CREATE INDEX risk_updated ON risk (organization_id, updated_at, id);
CREATE INDEX risk_department ON risk (organization_id, department_id);
CREATE INDEX risk_owner_person ON risk (organization_id, risk_owner_person_id);
CREATE INDEX risk_owner_position ON risk (organization_id, risk_owner_position_id);
ALTER TABLE risk ENABLE ROW LEVEL SECURITY;
ALTER TABLE risk FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON risk
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE risk_asset (
    organization_id uuid NOT NULL,
    risk_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    PRIMARY KEY (organization_id, risk_id, asset_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id),
    FOREIGN KEY (organization_id, asset_id) REFERENCES asset (organization_id, id)
);
CREATE INDEX risk_asset_asset ON risk_asset (organization_id, asset_id);
ALTER TABLE risk_asset ENABLE ROW LEVEL SECURITY;
ALTER TABLE risk_asset FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON risk_asset
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE treatment_item (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    risk_id uuid NOT NULL,
    number integer NOT NULL,
    control_index integer NOT NULL,
    tasks jsonb NOT NULL,
    assignee_id uuid NOT NULL,
    planned_start date,
    planned_end date,
    actual_start date,
    actual_end date,
    cancelled boolean NOT NULL,
    status_reason text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id),
    FOREIGN KEY (organization_id, assignee_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX treatment_item_number ON treatment_item (organization_id, risk_id, number);
CREATE INDEX treatment_item_assignee ON treatment_item (organization_id, assignee_id);
CREATE INDEX treatment_item_updated ON treatment_item (organization_id, updated_at, id);
ALTER TABLE treatment_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE treatment_item FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON treatment_item
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
