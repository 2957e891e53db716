-- Controls of a treatment decision have numbers that items name, in place of their position in the list.
UPDATE risk SET treatment = json_set(treatment, '$.controls', json((
    SELECT json_group_array(json_set(control.value, '$.number', control.key + 1) ORDER BY control.key)
    FROM json_each(risk.treatment, '$.controls') AS control
))) WHERE treatment IS NOT NULL;
ALTER TABLE treatment_item RENAME COLUMN control_index TO control_number;
UPDATE treatment_item SET control_number = control_number + 1;

-- The owner's confirmation of an asset. What its importance follows from is derived from the row itself.
ALTER TABLE asset DROP COLUMN importance_basis;
ALTER TABLE asset ADD COLUMN confirmation TEXT;
