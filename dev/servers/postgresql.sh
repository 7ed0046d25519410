#!/bin/sh
# Starts PostgreSQL as the official image does: the first start makes the cluster and its database.
set -eu
if [ ! -e "$PGDATA" ]; then
    : "${POSTGRES_PASSWORD:?must be set}"
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    # Moved to its place when it is whole, so that an interrupted first start is begun anew.
    new="$PGDATA.new"
    rm -rf "$new"
    printf '%s\n' "$POSTGRES_PASSWORD" |
        initdb --pgdata="$new" --username="$user" --pwfile=/dev/stdin --auth-local=trust --auth-host=scram-sha-256 \
            --encoding=UTF8 --locale=C.UTF-8
    echo "host all all all scram-sha-256" >>"$new/pg_hba.conf"
    if [ "$database" != postgres ]; then
        quoted=$(printf %s "$database" | sed 's/"/""/g')
        # Without a server, so that nobody meets one that is not ready.
        printf 'CREATE DATABASE "%s"\n' "$quoted" | postgres --single -D "$new" postgres
    fi
    mv "$new" "$PGDATA"
fi
# A volume's fsGroup opens it to the group each time it is mounted, which PostgreSQL refuses.
chmod 0700 "$PGDATA"
if [ "${1-}" = postgres ]; then
    shift
fi
exec postgres -c listen_addresses='*' "$@"
