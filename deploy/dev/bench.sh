#!/usr/bin/env bash
# `make bench`: builds the release binaries, starts a PostgreSQL of its own under .local/bench, fills it with a seeded
# register once, measures everything in one run and prints the table; then the imports. Takes a quarter of an hour at most.
#
#   BENCH_PEOPLE    people in the register (3000000); each number has a database of its own, which stays for the next run
#   BENCH_SECONDS   seconds of one cell of the table (10)
#   BENCH_ONLY      measures these alone: checks, lists, database, links, latency (with checks), imports
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

people=${BENCH_PEOPLE:-3000000}
seconds=${BENCH_SECONDS:-10}
read -ra only <<<"${BENCH_ONLY:-}"
folder=$local_dir/bench
cluster_dir=$folder/cluster
cluster=$root/deploy/dev/cluster.sh
# The one difference from the settings of `make run`: standings and their index fit into memory, as they should where
# the service is at work.
shared_buffers=2GB
# What PostgreSQL's manual advises for so much of it: pages of 2 MB, which spare a look-up some of its walks through page
# tables. The kernel keeps them for whoever asks, so root reserves them for the run and gives them back.
huge_page_count=1100
huge_page_file=/proc/sys/vm/nr_hugepages
huge_pages_before=
cluster_wanted=

clean_up() {
    if [[ $cluster_wanted ]]; then "$cluster" stop "$cluster_dir"; fi
    if [[ $huge_pages_before ]]; then
        echo "$huge_pages_before" 2>/dev/null >"$huge_page_file" || note "give the huge pages back: sysctl vm.nr_hugepages=$huge_pages_before"
    fi
}

reserve_huge_pages() {
    local before
    [[ -w $huge_page_file ]] || return 0
    before=$(<"$huge_page_file")
    ((before < huge_page_count)) || return 0
    huge_pages_before=$before
    # Where a container forbids it, or memory is in pieces, ordinary pages do as well, only more slowly.
    if ! echo "$huge_page_count" 2>/dev/null >"$huge_page_file" || (($(<"$huge_page_file") < huge_page_count)); then
        note "the kernel did not give $huge_page_count huge pages: the figures are those of ordinary ones"
    fi
}

# Prints the URL of the database; the cluster restarts where its memory isn't what it should be.
open_cluster() {
    local database=bench_$people url
    url=$("$cluster" start "$cluster_dir" "$database")
    if [[ $("$postgres_bin/psql" -XAtqc 'show shared_buffers' "$url") != "$shared_buffers" ]]; then
        "$postgres_bin/psql" -Xqc "alter system set shared_buffers = '$shared_buffers'" "$url"
        url=$("$cluster" restart "$cluster_dir" "$database")
    fi
    echo "$url"
}

[[ $people =~ ^[1-9][0-9]{0,8}$ ]] || die "BENCH_PEOPLE is a number from 1 to 999999999, not: $people"
[[ $seconds =~ ^[1-9][0-9]{0,3}$ ]] || die "BENCH_SECONDS is a number from 1 to 9999, not: $seconds"
parts=()
for part in "${only[@]}"; do
    [[ $part =~ ^(checks|lists|database|links|latency|imports)$ ]] ||
        die "BENCH_ONLY names checks, lists, database, links, latency or imports, not: $part"
    [[ $part == imports ]] || parts+=(--only "$part")
done
if [[ ${only[*]} == imports ]]; then exec "$root/deploy/dev/imports.sh" bench; fi
claim_clone
require_swift
need_to_build
need_cluster
install_needed
end_in_order
unset "${!PG@}" "${!MAYSEND_@}"
cd "$root"
mkdir -p "$folder"
exec 7>>"$folder/run.lock"
flock --nonblock 7 || die "make bench is already running in this clone."

say "Building maysend and bench (release)"
run_child swift build --configuration release --product maysend >&2
run_child swift build --configuration release --product bench >&2
reserve_huge_pages
say "Starting the bench's own PostgreSQL in $cluster_dir"
cluster_wanted=yes
database_url=$(open_cluster)
run_child .build/release/bench run --database "$database_url" --postmaster "$(head -n 1 "$cluster_dir/data/postmaster.pid")" \
    --maysend .build/release/maysend --folder "$folder" --people "$people" --seconds "$seconds" \
    "${parts[@]}"
if ((!${#only[@]})) || [[ " ${only[*]} " == *" imports "* ]]; then
    clean_up
    cluster_wanted=
    run_child deploy/dev/imports.sh bench
fi
