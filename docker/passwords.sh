#!/bin/sh
# Gives the roles of bootstrap.sql their passwords, from compose's secrets. Runs once, when the database is made.
set -eu

for role in ioc_owner ioc_app ioc_outside; do
    psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
        -v role="$role" -v password="$(cat "/run/secrets/$role")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
