-- The objectives of the policy have numbers that the objectives of 6.2 name (A-37); the same text has the same number in
-- every edition of an organization. A migration belongs to no organization and lifts the forced row-level security.
ALTER TABLE policy NO FORCE ROW LEVEL SECURITY;
ALTER TABLE objective NO FORCE ROW LEVEL SECURITY;
CREATE TEMP TABLE numbered_objective AS
SELECT organization_id, text, row_number() OVER (PARTITION BY organization_id ORDER BY first)::integer AS number FROM (
    SELECT policy.organization_id, said.text, min(policy.version * 100 + said.place) AS first
    FROM policy, jsonb_array_elements_text(policy.content -> 'objectives') WITH ORDINALITY AS said (text, place)
    GROUP BY policy.organization_id, said.text
) AS texts;
ALTER TABLE policy ADD COLUMN last_objective_number integer NOT NULL DEFAULT 0;
UPDATE policy SET
    last_objective_number = coalesce((
        SELECT max(number) FROM numbered_objective AS n WHERE n.organization_id = policy.organization_id
    ), 0),
    content = jsonb_set(content, '{objectives}', coalesce((
        SELECT jsonb_agg(jsonb_build_object('number', n.number, 'text', n.text) ORDER BY said.place)
        FROM jsonb_array_elements_text(policy.content -> 'objectives') WITH ORDINALITY AS said (text, place)
        JOIN numbered_objective AS n ON n.organization_id = policy.organization_id AND n.text = said.text
    ), '[]'::jsonb));

-- What an objective was said to serve stays as its text; where the policy in force says the same, it gets the number.
ALTER TABLE objective ADD COLUMN policy_objective_text text COLLATE "C";
UPDATE objective SET policy_objective_text = content ->> 'policy_objective';
UPDATE objective SET content = (content - 'policy_objective') || jsonb_build_object('policy_objective_number', (
    SELECT (said.objective ->> 'number')::integer
    FROM policy, jsonb_array_elements(policy.content -> 'objectives') AS said (objective)
    WHERE policy.organization_id = objective.organization_id AND policy.state = 'in_force'
        AND said.objective ->> 'text' = objective.policy_objective_text
));
DROP TABLE numbered_objective;
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
ALTER TABLE objective FORCE ROW LEVEL SECURITY;
