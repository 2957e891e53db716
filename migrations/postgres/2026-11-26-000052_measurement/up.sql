-- Measurements of objectives and their evaluation (9.1).
CREATE TABLE measurement (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    objective_id uuid NOT NULL,
    measured_on date NOT NULL,
    content jsonb NOT NULL,
    measured jsonb NOT NULL,
    meets_target boolean NOT NULL,
    known_measure text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    recorded jsonb NOT NULL,
    voided jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, objective_id) REFERENCES objective (organization_id, id)
);
CREATE INDEX measurement_objective ON measurement (organization_id, objective_id, measured_on, id);
CREATE INDEX measurement_measured ON measurement (organization_id, measured_on, id);
CREATE INDEX measurement_updated ON measurement (organization_id, updated_at, id);
ALTER TABLE measurement ENABLE ROW LEVEL SECURITY;
ALTER TABLE measurement FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON measurement
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

ALTER TABLE objective ADD COLUMN evaluation jsonb;
