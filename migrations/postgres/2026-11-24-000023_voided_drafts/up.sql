-- A fiscal year whose draft of a plan was voided is free for another one.
DROP INDEX annual_plan_fiscal_year;
CREATE UNIQUE INDEX annual_plan_fiscal_year ON annual_plan (organization_id, fiscal_year)
    WHERE sign_off_state <> 'voided';
