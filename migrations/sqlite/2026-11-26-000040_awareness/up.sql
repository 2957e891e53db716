-- Awareness (7.3): the duties in versions, and what everybody acknowledged.
CREATE TABLE obligation_set (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    in_force_at TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX obligation_set_version ON obligation_set (organization_id, version);
CREATE UNIQUE INDEX obligation_set_in_force ON obligation_set (organization_id) WHERE state = 'in_force';
CREATE INDEX obligation_set_order ON obligation_set (organization_id, version, id);
CREATE INDEX obligation_set_updated ON obligation_set (organization_id, updated_at, id);

CREATE TABLE acknowledgement (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    person_id BLOB NOT NULL,
    item TEXT NOT NULL,
    edition_resource TEXT NOT NULL,
    edition_id BLOB NOT NULL,
    edition_version INTEGER NOT NULL,
    acknowledged_on TEXT NOT NULL,
    source TEXT NOT NULL,
    remarks TEXT NOT NULL,
    recorded TEXT NOT NULL,
    on_behalf INTEGER NOT NULL,
    state TEXT NOT NULL,
    voided TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX acknowledgement_once ON acknowledgement (organization_id, edition_id, item, person_id)
    WHERE state = 'recorded';
CREATE INDEX acknowledgement_order ON acknowledgement (organization_id, acknowledged_on, id);
CREATE INDEX acknowledgement_updated ON acknowledgement (organization_id, updated_at, id);
CREATE INDEX acknowledgement_person ON acknowledgement (organization_id, person_id);
