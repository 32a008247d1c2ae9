#!/bin/bash
# Runs once, when the database's volume is empty. Two roles: the owner changes the schema, the services' everyday role
# may only read and write rows (the owner grants it what it needs after each migration).
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v owner_password="$PENSTOCK_OWNER_PASSWORD" -v app_password="$PENSTOCK_APP_PASSWORD" \
  -U "${POSTGRES_USER:-postgres}" -d postgres <<'SQL'
create role penstock_owner login password :'owner_password';
create role penstock login password :'app_password' connection limit 200;
create database penstock owner penstock_owner encoding 'UTF8' template template0;
revoke all on database penstock from public;
grant connect on database penstock to penstock;
\connect penstock
revoke all on schema public from public;
SQL
