-- Files: what is known of them beside their bytes, which lie in the object store.
CREATE TABLE stored_file (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE INDEX stored_file_content ON stored_file (organization_id, sha256);
ALTER TABLE stored_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE stored_file FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON stored_file
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

-- Documented information (7.5): the register, and the versions of each document.
CREATE TABLE document (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    serial integer NOT NULL,
    ordinal text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    department_id uuid,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    next_review_on date,
    reviews jsonb NOT NULL,
    withdrawal jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id)
);
CREATE UNIQUE INDEX document_number ON document (organization_id, kind, serial);
CREATE INDEX document_ordinal ON document (organization_id, ordinal, id);
CREATE INDEX document_title ON document (organization_id, title, id);
CREATE INDEX document_updated ON document (organization_id, updated_at, id);
CREATE INDEX document_review ON document (organization_id, next_review_on);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
ALTER TABLE document FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON document
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE document_version (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    document_id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    content jsonb NOT NULL,
    title text COLLATE "C",
    file_id uuid,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    publication jsonb,
    obsolete_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, document_id) REFERENCES document (organization_id, id),
    FOREIGN KEY (organization_id, file_id) REFERENCES stored_file (organization_id, id)
);
CREATE UNIQUE INDEX document_version_number ON document_version (organization_id, document_id, version);
CREATE UNIQUE INDEX document_version_published ON document_version (organization_id, document_id)
    WHERE state = 'published';
CREATE UNIQUE INDEX document_version_open ON document_version (organization_id, document_id)
    WHERE state IN ('draft', 'submitted', 'approved');
CREATE INDEX document_version_order ON document_version (organization_id, version, id);
CREATE INDEX document_version_updated ON document_version (organization_id, updated_at, id);
CREATE INDEX document_version_file ON document_version (organization_id, file_id);
ALTER TABLE document_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_version FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON document_version
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
