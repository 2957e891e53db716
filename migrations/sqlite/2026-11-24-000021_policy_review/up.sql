-- Reviews of the policy at planned intervals, and its withdrawal. What is in force is reviewed a year after its approval.
ALTER TABLE policy ADD COLUMN reviews TEXT NOT NULL DEFAULT '[]';
ALTER TABLE policy ADD COLUMN next_review_on TEXT;
ALTER TABLE policy ADD COLUMN withdrawn TEXT;
UPDATE policy SET next_review_on = date(in_force_at, '+1 year') WHERE state = 'in_force';
