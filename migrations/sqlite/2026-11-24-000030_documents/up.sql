-- Files: what is known of them beside their bytes, which lie in the object store.
CREATE TABLE stored_file (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE INDEX stored_file_content ON stored_file (organization_id, sha256);

-- Documented information (7.5): the register, and the versions of each document.
CREATE TABLE document (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    serial INTEGER NOT NULL,
    ordinal TEXT NOT NULL,
    title TEXT NOT NULL,
    department_id BLOB,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    next_review_on TEXT,
    reviews TEXT NOT NULL,
    withdrawal TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX document_number ON document (organization_id, kind, serial);
CREATE INDEX document_ordinal ON document (organization_id, ordinal, id);
CREATE INDEX document_title ON document (organization_id, title, id);
CREATE INDEX document_updated ON document (organization_id, updated_at, id);
CREATE INDEX document_review ON document (organization_id, next_review_on);

CREATE TABLE document_version (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    document_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    title TEXT,
    file_id BLOB,
    state TEXT NOT NULL,
    sign_off TEXT NOT NULL,
    publication TEXT,
    obsolete_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, document_id) REFERENCES document (organization_id, id),
    FOREIGN KEY (organization_id, file_id) REFERENCES stored_file (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX document_version_number ON document_version (organization_id, document_id, version);
CREATE UNIQUE INDEX document_version_published ON document_version (organization_id, document_id)
    WHERE state = 'published';
CREATE UNIQUE INDEX document_version_open ON document_version (organization_id, document_id)
    WHERE state IN ('draft', 'submitted', 'approved');
CREATE INDEX document_version_order ON document_version (organization_id, version, id);
CREATE INDEX document_version_updated ON document_version (organization_id, updated_at, id);
CREATE INDEX document_version_file ON document_version (organization_id, file_id);
