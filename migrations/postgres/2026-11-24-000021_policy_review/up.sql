-- Reviews of the policy at planned intervals, and its withdrawal. What is in force is reviewed a year after its approval.
ALTER TABLE policy NO FORCE ROW LEVEL SECURITY;
ALTER TABLE policy ADD COLUMN reviews jsonb NOT NULL DEFAULT '[]'::jsonb;
ALTER TABLE policy ADD COLUMN next_review_on date;
ALTER TABLE policy ADD COLUMN withdrawn jsonb;
UPDATE policy SET next_review_on = (in_force_at + interval '1 year')::date WHERE state = 'in_force';
ALTER TABLE policy FORCE ROW LEVEL SECURITY;
