#!/usr/bin/env bash
# schema.sh dump|check: sql/schema.sql is what the migrations make of an empty database, as pg_dump tells it.
# `dump` writes it, `check` fails with the difference if it isn't up to date. Both migrate a throw-away cluster.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

verb=${1:-}
[[ $verb == dump || $verb == check ]] || die "schema.sh dump|check"
cluster=$root/deploy/dev/cluster.sh
schema=$root/sql/schema.sql

# Leaves out what differs between two dumps of the same schema: versions, session settings and the random token that
# pg_dump guards its output with; folds blank lines.
normalise() {
    echo "-- Written by make schema from sql/migrations; not to be edited."
    sed -E '/^\\(un)?restrict /d; /^-- Dumped (from|by) /d; /^-- PostgreSQL database dump/d; /^SET /d; /^--$/d
        /^SELECT pg_catalog.set_config/d' | cat -s
}

claim_clone
require_swift
need_to_build
need_cluster
install_needed
end_in_order
unset "${!PG@}" "${!MAYSEND_@}"

run_child "$root/deploy/dev/build.sh" debug
open_scratch
MAYSEND_DATABASE_URL=$("$cluster" start "$scratch/cluster" maysend)
export MAYSEND_DATABASE_URL
"$root/.build/debug/maysend" migrate >&2
"$postgres_bin/pg_dump" --schema-only --exclude-table="maysend.(idempotency|letter|notice|import_verdict)_2*" --dbname="$MAYSEND_DATABASE_URL" >"$scratch/dump"
normalise <"$scratch/dump" >"$scratch/schema.sql"
if [[ $verb == dump ]]; then
    cat "$scratch/schema.sql" >"$schema"
    say "sql/schema.sql is written."
else
    diff -u "$schema" "$scratch/schema.sql" >&2 || die "sql/schema.sql isn't what the migrations make: make schema"
    say "sql/schema.sql is what the migrations make."
fi
