#!/bin/sh
# Run once by the PostgreSQL container: a database and a role for each service, none of which can read another's.
set -eu
for service in maps booking grants identity; do
    psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --set password="$MARU_DATABASE_PASSWORD" <<SQL
CREATE ROLE maru_$service LOGIN PASSWORD :'password';
CREATE DATABASE maru_$service OWNER maru_$service;
REVOKE CONNECT ON DATABASE maru_$service FROM PUBLIC;
SQL
done
