-- Auditors from outside as guests of one audit (9.2): name, address and days stand with the person who signs.
CREATE TABLE audit_guest (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    audit_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    ended TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, audit_id) REFERENCES audit (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX audit_guest_person ON audit_guest (organization_id, person_id);
CREATE INDEX audit_guest_audit ON audit_guest (organization_id, audit_id, updated_at, id);
