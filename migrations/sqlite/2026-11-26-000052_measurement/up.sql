-- Measurements of objectives and their evaluation (9.1).
CREATE TABLE measurement (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    objective_id BLOB NOT NULL,
    measured_on TEXT NOT NULL,
    content TEXT NOT NULL,
    measured TEXT NOT NULL,
    meets_target INTEGER NOT NULL,
    known_measure TEXT,
    state TEXT NOT NULL,
    recorded TEXT NOT NULL,
    voided TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, objective_id) REFERENCES objective (organization_id, id)
) STRICT;
CREATE INDEX measurement_objective ON measurement (organization_id, objective_id, measured_on, id);
CREATE INDEX measurement_measured ON measurement (organization_id, measured_on, id);
CREATE INDEX measurement_updated ON measurement (organization_id, updated_at, id);

ALTER TABLE objective ADD COLUMN evaluation TEXT;
