-- The objectives of the policy have numbers that the objectives of 6.2 name (A-37); the same text has the same number in
-- every edition of an organization.
CREATE TEMP TABLE numbered_objective AS
SELECT organization_id, text, row_number() OVER (PARTITION BY organization_id ORDER BY first) AS number FROM (
    SELECT policy.organization_id, said.value AS text, min(policy.version * 100 + said.key) AS first
    FROM policy, json_each(policy.content, '$.objectives') AS said
    GROUP BY policy.organization_id, said.value
);
ALTER TABLE policy ADD COLUMN last_objective_number INTEGER NOT NULL DEFAULT 0;
UPDATE policy SET
    last_objective_number = coalesce((
        SELECT max(number) FROM numbered_objective AS n WHERE n.organization_id = policy.organization_id
    ), 0),
    content = json_set(content, '$.objectives', json((
        SELECT json_group_array(json_object('number', n.number, 'text', n.text) ORDER BY said.key)
        FROM json_each(policy.content, '$.objectives') AS said
        JOIN numbered_objective AS n ON n.organization_id = policy.organization_id AND n.text = said.value
    )));

-- What an objective was said to serve stays as its text; where the policy in force says the same, it gets the number.
ALTER TABLE objective ADD COLUMN policy_objective_text TEXT;
UPDATE objective SET policy_objective_text = json_extract(content, '$.policy_objective');
UPDATE objective SET content = json_set(json_remove(content, '$.policy_objective'), '$.policy_objective_number', (
    SELECT n.number
    FROM policy, json_each(policy.content, '$.objectives') AS said
    JOIN numbered_objective AS n ON n.organization_id = policy.organization_id
        AND n.number = json_extract(said.value, '$.number')
    WHERE policy.organization_id = objective.organization_id AND policy.state = 'in_force'
        AND n.text = objective.policy_objective_text
));
DROP TABLE numbered_objective;
