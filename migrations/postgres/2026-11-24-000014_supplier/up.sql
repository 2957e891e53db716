-- Suppliers and cloud services (8.1, A.5.19 to A.5.23).

CREATE TABLE supplier (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    services text COLLATE "C" NOT NULL,
    handles_personal_data boolean NOT NULL,
    starts_on date,
    ends_on date,
    nda_signed_on date,
    evaluation_interval_months integer NOT NULL,
    responsible_person_id uuid NOT NULL,
    department_id uuid NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    evaluations jsonb NOT NULL,
    next_evaluation_on date,
    exit jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, responsible_person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE INDEX supplier_name ON supplier (organization_id, name, id);
CREATE INDEX supplier_department ON supplier (organization_id, department_id);
CREATE INDEX supplier_person ON supplier (organization_id, responsible_person_id);
CREATE INDEX supplier_updated ON supplier (organization_id, updated_at, id);
ALTER TABLE supplier ENABLE ROW LEVEL SECURITY;
ALTER TABLE supplier FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON supplier
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE supplier_asset (
    organization_id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    PRIMARY KEY (organization_id, supplier_id, asset_id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, supplier_id) REFERENCES supplier (organization_id, id),
    FOREIGN KEY (organization_id, asset_id) REFERENCES asset (organization_id, id)
);
CREATE INDEX supplier_asset_asset ON supplier_asset (organization_id, asset_id);
ALTER TABLE supplier_asset ENABLE ROW LEVEL SECURITY;
ALTER TABLE supplier_asset FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON supplier_asset
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
