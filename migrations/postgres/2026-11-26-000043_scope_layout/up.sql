-- A version of the scope has a drawing of the premises (D13).
ALTER TABLE isms_scope ADD COLUMN layout_id uuid;
ALTER TABLE isms_scope ADD FOREIGN KEY (organization_id, layout_id) REFERENCES stored_file (organization_id, id);
