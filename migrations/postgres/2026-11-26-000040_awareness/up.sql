-- Awareness (7.3): the duties in versions, and what everybody acknowledged.
CREATE TABLE obligation_set (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    title text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    sign_off jsonb NOT NULL,
    in_force_at timestamptz,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX obligation_set_version ON obligation_set (organization_id, version);
CREATE UNIQUE INDEX obligation_set_in_force ON obligation_set (organization_id) WHERE state = 'in_force';
CREATE INDEX obligation_set_order ON obligation_set (organization_id, version, id);
CREATE INDEX obligation_set_updated ON obligation_set (organization_id, updated_at, id);
ALTER TABLE obligation_set ENABLE ROW LEVEL SECURITY;
ALTER TABLE obligation_set FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON obligation_set
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE acknowledgement (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    person_id uuid NOT NULL,
    item text COLLATE "C" NOT NULL,
    edition_resource text COLLATE "C" NOT NULL,
    edition_id uuid NOT NULL,
    edition_version integer NOT NULL,
    acknowledged_on date NOT NULL,
    source text COLLATE "C" NOT NULL,
    remarks text COLLATE "C" NOT NULL,
    recorded jsonb NOT NULL,
    on_behalf boolean NOT NULL,
    state text COLLATE "C" NOT NULL,
    voided jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX acknowledgement_once ON acknowledgement (organization_id, edition_id, item, person_id)
    WHERE state = 'recorded';
CREATE INDEX acknowledgement_order ON acknowledgement (organization_id, acknowledged_on, id);
CREATE INDEX acknowledgement_updated ON acknowledgement (organization_id, updated_at, id);
CREATE INDEX acknowledgement_person ON acknowledgement (organization_id, person_id);
ALTER TABLE acknowledgement ENABLE ROW LEVEL SECURITY;
ALTER TABLE acknowledgement FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON acknowledgement
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
