-- Communication (7.4): the rows of the procedure, what was told, questionnaires of customers.
CREATE TABLE communication_procedure (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE UNIQUE INDEX communication_procedure_number ON communication_procedure (organization_id, number);
CREATE INDEX communication_procedure_order ON communication_procedure (organization_id, number, id);
CREATE INDEX communication_procedure_updated ON communication_procedure (organization_id, updated_at, id);

CREATE TABLE communication (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    procedure_id BLOB NOT NULL,
    subject TEXT NOT NULL,
    about TEXT NOT NULL,
    record_resource TEXT,
    record_id BLOB,
    occurred_at TEXT NOT NULL,
    occurred_on TEXT NOT NULL,
    terms TEXT NOT NULL,
    due_on TEXT,
    due_at TEXT,
    state TEXT NOT NULL,
    performance TEXT,
    voided TEXT,
    opened TEXT NOT NULL,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, procedure_id) REFERENCES communication_procedure (organization_id, id)
) STRICT;
CREATE INDEX communication_occurred ON communication (organization_id, occurred_at, id);
CREATE INDEX communication_updated ON communication (organization_id, updated_at, id);
CREATE INDEX communication_procedure_of ON communication (organization_id, procedure_id);
CREATE INDEX communication_record ON communication (organization_id, record_id);
CREATE INDEX communication_due ON communication (organization_id, due_on) WHERE state = 'open';

CREATE TABLE customer_questionnaire (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    number INTEGER NOT NULL,
    department_id BLOB NOT NULL,
    due_on TEXT,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    questionnaire_file_id BLOB,
    answer_file_id BLOB,
    answer TEXT NOT NULL,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id),
    FOREIGN KEY (organization_id, department_id) REFERENCES department (organization_id, id),
    FOREIGN KEY (organization_id, questionnaire_file_id) REFERENCES stored_file (organization_id, id),
    FOREIGN KEY (organization_id, answer_file_id) REFERENCES stored_file (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX customer_questionnaire_number ON customer_questionnaire (organization_id, number);
CREATE INDEX customer_questionnaire_order ON customer_questionnaire (organization_id, number, id);
CREATE INDEX customer_questionnaire_updated ON customer_questionnaire (organization_id, updated_at, id);
CREATE INDEX customer_questionnaire_department ON customer_questionnaire (organization_id, department_id);
CREATE INDEX customer_questionnaire_file ON customer_questionnaire (organization_id, questionnaire_file_id);
CREATE INDEX customer_questionnaire_answer ON customer_questionnaire (organization_id, answer_file_id);
