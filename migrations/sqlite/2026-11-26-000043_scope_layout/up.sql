-- A version of the scope has a drawing of the premises (D13).
ALTER TABLE isms_scope ADD COLUMN layout_id BLOB;
