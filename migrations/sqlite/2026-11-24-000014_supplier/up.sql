-- Suppliers and cloud services (8.1, A.5.19 to A.5.23).

CREATE TABLE supplier (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    services TEXT NOT NULL,
    handles_personal_data INTEGER NOT NULL,
    starts_on TEXT,
    ends_on TEXT,
    nda_signed_on TEXT,
    evaluation_interval_months INTEGER NOT NULL,
    responsible_person_id BLOB NOT NULL,
    department_id BLOB NOT NULL,
    remarks TEXT NOT NULL,
    evaluations TEXT NOT NULL,
    next_evaluation_on TEXT,
    exit TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE INDEX supplier_name ON supplier (organization_id, name, id);
CREATE INDEX supplier_department ON supplier (organization_id, department_id);
CREATE INDEX supplier_person ON supplier (organization_id, responsible_person_id);
CREATE INDEX supplier_updated ON supplier (organization_id, updated_at, id);

CREATE TABLE supplier_asset (
    organization_id BLOB NOT NULL,
    supplier_id BLOB NOT NULL,
    asset_id BLOB NOT NULL,
    PRIMARY KEY (organization_id, supplier_id, asset_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, supplier_id) REFERENCES supplier (organization_id, id),
    FOREIGN KEY (organization_id, asset_id) REFERENCES asset (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX supplier_asset_asset ON supplier_asset (organization_id, asset_id);
