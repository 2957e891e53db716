-- An own control may be withdrawn from a version; its id is free again then.
ALTER TABLE applicability_control ADD COLUMN withdrawn TEXT;
DROP INDEX applicability_control_control;
CREATE UNIQUE INDEX applicability_control_control ON applicability_control (organization_id, statement_id, control_id)
    WHERE withdrawn IS NULL;
