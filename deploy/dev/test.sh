#!/usr/bin/env bash
# `make test`: builds and runs the tests against a throw-away PostgreSQL, also beside a running `make run`.
# FILTER picks tests by a regular expression, as swift test --filter does. The tests find in their environment:
#
#   MAYSEND_TEST_DATABASE_URL   a superuser's URL of the database postgres
#   MAYSEND_TEST_BINARY         the maysend that was built with them
#   MAYSEND_TEST_CLUSTER        cluster.sh, for clusters of their own
#   MAYSEND_TEST_DIR            a folder for those; they are stopped and removed with it at the end
#   MAYSEND_TEST_TAMPERINGS     how many random changes of a sealed ledger must be found (TAMPERINGS=…; 300)
#   MAYSEND_TEST_VENV           a Python with what requirements.txt beside this script lists
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

filter=${FILTER:-}
tamperings=${TAMPERINGS:-300}
venv=$local_dir/venv
requirements=$root/deploy/dev/requirements.txt
cluster=$root/deploy/dev/cluster.sh

make_venv() {
    local stamp
    stamp=$(sha256sum <"$requirements")
    exec 6>>"$local_dir/venv.lock"
    flock 6
    if [[ $(cat "$venv/made-from" 2>/dev/null) != "$stamp" ]]; then
        say "Installing the tests' Python tools in .local/venv with pip: $(tr '\n' ' ' <"$requirements")"
        rm -rf "$venv"
        /usr/bin/python3 -m venv "$venv"
        run_child "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2 ||
            die "pip could not install $requirements; what it said is above."
        echo "$stamp" >"$venv/made-from"
    fi
    exec 6>&-
}

# What failed is said once more at the end: among thousands of lines nobody finds it, and a log that is cut keeps its end.
run_tests() {
    local status=0 log=$scratch/test.log
    run_child swift test --skip-build --disable-xctest "$@" > >(tee "$log") || status=$?
    if ((status)); then
        wait
        say "What failed, from the lines above:"
        grep -A 12 'recorded an issue' "$log" | cut -c 1-400 | head -n 200 >&2 || true
        grep '^✘ Test run' "$log" || true
    fi
    return "$status"
}

claim_clone
require_swift
need_to_build
need_cluster
need_python
need_browser
install_needed
end_in_order
unset "${!PG@}" "${!MAYSEND_@}"
cd "$root"

make_venv
say "Building the tests. The first time this takes some minutes; later ones take seconds."
run_child swift build --build-tests --explicit-target-dependency-import-check error >&2

open_scratch
export MAYSEND_TEST_DIR=$scratch MAYSEND_TEST_CLUSTER=$cluster MAYSEND_TEST_VENV=$venv
export MAYSEND_TEST_TAMPERINGS=$tamperings
export MAYSEND_TEST_BINARY=$root/.build/debug/maysend
MAYSEND_TEST_DATABASE_URL=$("$cluster" start "$scratch/cluster")
export MAYSEND_TEST_DATABASE_URL

# Each test has a database of its own; more at once than this only wait for each other.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4

# A filter that fits nothing would pass without having tested anything.
if [[ $filter ]]; then
    listed=$(swift test list --skip-build --disable-xctest 2>/dev/null | grep -cP -- "$filter" || true)
    ((listed)) || die "no test fits FILTER=$filter (swift test list shows their names)."
    run_tests --filter "$filter"
else
    run_tests
fi
