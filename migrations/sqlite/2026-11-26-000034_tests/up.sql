-- Comprehension tests (7.2), with their keys.
CREATE TABLE comprehension_test (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    title TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    authors TEXT NOT NULL,
    published TEXT,
    retirement TEXT,
    search TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES tenant (id)
) STRICT;
CREATE INDEX comprehension_test_title ON comprehension_test (organization_id, title, id);
CREATE INDEX comprehension_test_updated ON comprehension_test (organization_id, updated_at, id);
