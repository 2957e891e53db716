#!/usr/bin/env bash
# Run once by the PostgreSQL image, when the data folder is still empty: the service's own role and database.
#
# The role is an ordinary one. It owns the database and so its tables, and row-level security is forced on them
# (FORCE ROW LEVEL SECURITY), so that it binds their owner too; the service refuses to start as a role that could step around it.
set -euo pipefail

PGPASSWORD="$(< "${POSTGRES_PASSWORD_FILE:-/run/secrets/postgres_password}")"
export PGPASSWORD
psql --no-psqlrc --set=ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat "${MAMORI_PASSWORD_FILE:-/run/secrets/mamori_password}"`
CREATE ROLE mamori LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
CREATE DATABASE mamori OWNER mamori TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
REVOKE ALL ON DATABASE mamori FROM PUBLIC;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
\connect mamori
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO mamori;
SQL
