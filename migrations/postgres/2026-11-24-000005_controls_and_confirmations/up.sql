-- Controls of a treatment decision have numbers that items name, in place of their position in the list. The owner of a
-- table is bound by its forced row-level security, too: a migration belongs to no organization and lifts it for itself.
ALTER TABLE risk NO FORCE ROW LEVEL SECURITY;
ALTER TABLE treatment_item NO FORCE ROW LEVEL SECURITY;
UPDATE risk SET treatment = jsonb_set(treatment, '{controls}', coalesce((
    SELECT jsonb_agg(control || jsonb_build_object('number', place) ORDER BY place)
    FROM jsonb_array_elements(risk.treatment -> 'controls') WITH ORDINALITY AS controls (control, place)
), '[]'::jsonb)) WHERE treatment IS NOT NULL;
ALTER TABLE treatment_item RENAME COLUMN control_index TO control_number;
UPDATE treatment_item SET control_number = control_number + 1;
ALTER TABLE risk FORCE ROW LEVEL SECURITY;
ALTER TABLE treatment_item FORCE ROW LEVEL SECURITY;

-- The owner's confirmation of an asset. What its importance follows from is derived from the row itself.
ALTER TABLE asset DROP COLUMN importance_basis;
ALTER TABLE asset ADD COLUMN confirmation jsonb;
