CREATE TABLE asset (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    business_category TEXT NOT NULL,
    name TEXT NOT NULL,
    remarks TEXT NOT NULL,
    authorized_users TEXT NOT NULL,
    risk_owner_person_id BLOB,
    risk_owner_position_id BLOB,
    managing_department_id BLOB NOT NULL,
    media TEXT NOT NULL,
    storage_location TEXT NOT NULL,
    confidentiality INTEGER NOT NULL,
    integrity INTEGER NOT NULL,
    availability INTEGER NOT NULL,
    contains_personal_data INTEGER NOT NULL,
    contains_sensitive_personal_data INTEGER NOT NULL,
    contains_my_number INTEGER NOT NULL,
    business_critical INTEGER NOT NULL,
    business_critical_reason TEXT,
    classification TEXT,
    asset_class TEXT,
    retention_period TEXT,
    registered_on TEXT,
    importance INTEGER NOT NULL,
    importance_basis TEXT NOT NULL,
    state TEXT NOT NULL,
    disposal TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_owner_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, risk_owner_position_id) REFERENCES position (organization_id, id),
    FOREIGN KEY (organization_id, managing_department_id) REFERENCES department (organization_id, id),
    CHECK ((risk_owner_person_id IS NULL) <> (risk_owner_position_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX asset_number ON asset (organization_id, number);
CREATE INDEX asset_name ON asset (organization_id, name, id);
CREATE INDEX asset_importance ON asset (organization_id, importance, id);
CREATE INDEX asset_updated ON asset (organization_id, updated_at, id);
CREATE INDEX asset_department ON asset (organization_id, managing_department_id);
CREATE INDEX asset_owner_person ON asset (organization_id, risk_owner_person_id);
CREATE INDEX asset_owner_position ON asset (organization_id, risk_owner_position_id);

CREATE TABLE risk_criteria (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX risk_criteria_version ON risk_criteria (organization_id, version);
CREATE UNIQUE INDEX risk_criteria_in_force ON risk_criteria (organization_id, state) WHERE state = 'in_force';
CREATE INDEX risk_criteria_updated ON risk_criteria (organization_id, updated_at, id);

CREATE TABLE risk (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    risk_source TEXT NOT NULL,
    impact_area TEXT NOT NULL,
    event TEXT NOT NULL,
    lost_properties TEXT NOT NULL,
    cause TEXT NOT NULL,
    consequence TEXT NOT NULL,
    risk_owner_person_id BLOB,
    risk_owner_position_id BLOB,
    owner_stated INTEGER NOT NULL,
    department_id BLOB,
    department_stated INTEGER NOT NULL,
    stated_importance INTEGER,
    likelihood_basis TEXT,
    remarks TEXT NOT NULL,
    state TEXT NOT NULL,
    importance INTEGER,
    likelihood INTEGER,
    risk_level INTEGER NOT NULL,
    initial TEXT,
    residual TEXT,
    treatment TEXT,
    response_status TEXT NOT NULL,
    needs_reanalysis INTEGER NOT NULL,
    decisions TEXT NOT NULL,
    prepared_by BLOB,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_owner_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, risk_owner_position_id) REFERENCES position (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX risk_number ON risk (organization_id, number);
CREATE INDEX risk_level ON risk (organization_id, risk_level, id);
CREATE INDEX risk_updated ON risk (organization_id, updated_at, id);
CREATE INDEX risk_department ON risk (organization_id, department_id);
CREATE INDEX risk_owner_person ON risk (organization_id, risk_owner_person_id);
CREATE INDEX risk_owner_position ON risk (organization_id, risk_owner_position_id);

CREATE TABLE risk_asset (
    organization_id BLOB NOT NULL,
    risk_id BLOB NOT NULL,
    asset_id BLOB NOT NULL,
    PRIMARY KEY (organization_id, risk_id, asset_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id),
    FOREIGN KEY (organization_id, asset_id) REFERENCES asset (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_asset_asset ON risk_asset (organization_id, asset_id);

CREATE TABLE treatment_item (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    risk_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    control_index INTEGER NOT NULL,
    tasks TEXT NOT NULL,
    assignee_id BLOB NOT NULL,
    planned_start TEXT,
    planned_end TEXT,
    actual_start TEXT,
    actual_end TEXT,
    cancelled INTEGER NOT NULL,
    status_reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, risk_id) REFERENCES risk (organization_id, id),
    FOREIGN KEY (organization_id, assignee_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX treatment_item_number ON treatment_item (organization_id, risk_id, number);
CREATE INDEX treatment_item_assignee ON treatment_item (organization_id, assignee_id);
CREATE INDEX treatment_item_updated ON treatment_item (organization_id, updated_at, id);
