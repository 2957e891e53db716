-- Communication (7.4): the rows of the procedure, what was told, questionnaires of customers.
CREATE TABLE communication_procedure (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    retirement jsonb,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
);
CREATE UNIQUE INDEX communication_procedure_number ON communication_procedure (organization_id, number);
CREATE INDEX communication_procedure_order ON communication_procedure (organization_id, number, id);
CREATE INDEX communication_procedure_updated ON communication_procedure (organization_id, updated_at, id);
ALTER TABLE communication_procedure ENABLE ROW LEVEL SECURITY;
ALTER TABLE communication_procedure FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON communication_procedure
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE communication (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    procedure_id uuid NOT NULL,
    subject text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    record_resource text COLLATE "C",
    record_id uuid,
    occurred_at timestamptz NOT NULL,
    occurred_on date NOT NULL,
    terms jsonb NOT NULL,
    due_on date,
    due_at timestamptz,
    state text COLLATE "C" NOT NULL,
    performance jsonb,
    voided jsonb,
    opened jsonb NOT NULL,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, procedure_id) REFERENCES communication_procedure (organization_id, id)
);
CREATE INDEX communication_occurred ON communication (organization_id, occurred_at, id);
CREATE INDEX communication_updated ON communication (organization_id, updated_at, id);
CREATE INDEX communication_procedure_of ON communication (organization_id, procedure_id);
CREATE INDEX communication_record ON communication (organization_id, record_id);
CREATE INDEX communication_due ON communication (organization_id, due_on) WHERE state = 'open';
ALTER TABLE communication ENABLE ROW LEVEL SECURITY;
ALTER TABLE communication FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON communication
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));

CREATE TABLE customer_questionnaire (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    revision integer NOT NULL,
    number integer NOT NULL,
    department_id uuid NOT NULL,
    due_on date,
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    questionnaire_file_id uuid,
    answer_file_id uuid,
    answer jsonb NOT NULL,
    search text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, questionnaire_file_id) REFERENCES stored_file (organization_id, id),
    FOREIGN KEY (organization_id, answer_file_id) REFERENCES stored_file (organization_id, id)
);
CREATE UNIQUE INDEX customer_questionnaire_number ON customer_questionnaire (organization_id, number);
CREATE INDEX customer_questionnaire_order ON customer_questionnaire (organization_id, number, id);
CREATE INDEX customer_questionnaire_updated ON customer_questionnaire (organization_id, updated_at, id);
CREATE INDEX customer_questionnaire_department ON customer_questionnaire (organization_id, department_id);
CREATE INDEX customer_questionnaire_file ON customer_questionnaire (organization_id, questionnaire_file_id);
CREATE INDEX customer_questionnaire_answer ON customer_questionnaire (organization_id, answer_file_id);
ALTER TABLE customer_questionnaire ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_questionnaire FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON customer_questionnaire
    USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid));
