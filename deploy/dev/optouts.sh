#!/usr/bin/env bash
# `make optouts`: two instances with spools at one throw-away PostgreSQL; 10,000 people opt out by one-click POSTs on 64
# connections while instances are killed (SIGKILL) twenty times and started again, and PostgreSQL is stopped five times, in
# order and by a crash. A log of its own, forced to disk, remembers every acknowledged opt-out: each must be in the register
# at the end, and no check that began after an acknowledgement may have said "eligible". Prints one line of figures.
#
#   PEOPLE, KILLS, STOPS, CONNECTIONS   other numbers than these
#   SEED                                the order of an earlier run, which prints it
#   CONFIGURATION                       debug instead of release
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

people=${PEOPLE:-10000}
kills=${KILLS:-20}
stops=${STOPS:-5}
connections=${CONNECTIONS:-64}
configuration=${CONFIGURATION:-release}
seed=${SEED:-$RANDOM}

claim_clone
require_swift
need_to_build
need_cluster
install_needed
end_in_order
unset "${!PG@}" "${!MAYSEND_@}"
cd "$root"
run_child "$root/deploy/dev/build.sh" "$configuration"
open_scratch
say "$people people, $connections connections, $kills kills, $stops stops of the database (SEED=$seed)."
run_child /usr/bin/python3 "$root/deploy/dev/optouts.py" "$root/.build/$configuration/maysend" \
    "$root" "$scratch/optouts" --people "$people" --kills "$kills" --stops "$stops" --connections "$connections" --seed "$seed" || {
    for log in "$scratch"/optouts/*.log; do
        say "The last lines of ${log##*/}:"
        tail -n 20 "$log" >&2
    done
    die "an acknowledged opt-out was lost, or a check was stale, or something did not come back; see above."
}
