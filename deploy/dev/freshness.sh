#!/usr/bin/env bash
# `make freshness`: two release instances at one throw-away PostgreSQL; 100,000 people opt out on either, and each is
# checked the moment after the acknowledgement. Three times: quietly, while a new version of the policy takes effect every
# second, and while the instances' connections to the database are killed. One line for each.
#
# freshness.sh faults [NAME…] shows that the test can fail: builds maysend with each fault of Tests/FreshnessTests/Faults in
# a copy of this checkout, and is red if the test does not find stale answers of it; without a fault it must find none.
#
#   PAIRS    opt-outs each time (100000; for faults 6000)
#   WEATHER  one of quiet, policy-changes, connections-are-killed (all; for faults quiet)
#   SEED     the mixture of an earlier run, which prints it
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

what=${1:-pairs}
(($# == 0)) || shift
faults=("$@")
pairs=${PAIRS:-}
weather=${WEATHER:-}
seed=${SEED:-}
cluster=$root/deploy/dev/cluster.sh
fault_dir=$root/Tests/FreshnessTests/Faults
copy=$local_dir/faults

clean_up() { rm -rf "$copy"; }

build_tests() {
    say "Building the tests. The first time this takes some minutes; later ones take seconds."
    run_child swift build --build-tests >&2
}

start_cluster() {
    open_scratch
    MAYSEND_TEST_DATABASE_URL=$("$cluster" start "$scratch/cluster")
    export MAYSEND_TEST_DATABASE_URL
}

# Runs the test with a binary; what it prints is in $scratch/output, its status is the status.
try() {
    local status=0
    run_child env MAYSEND_TEST_BINARY="$1" MAYSEND_FRESHNESS_PAIRS="$pairs" MAYSEND_FRESHNESS_WEATHER="$weather" \
        MAYSEND_FRESHNESS_SEED="$seed" swift test --skip-build --disable-xctest --filter '^FreshnessTests\.' \
        >"$scratch/output" 2>&1 || status=$?
    grep -E '^freshness, ' "$scratch/output" || true
    return "$status"
}

stale() { sed -nE 's/^freshness, .* ([0-9]+) stale;.*/\1/p' "$scratch/output" | awk '{ sum += $1 } END { print sum + 0 }'; }

try_pairs() {
    pairs=${pairs:-100000}
    build_tests
    say "Building maysend (release)."
    run_child swift build --configuration release --product maysend >&2
    start_cluster
    say "$pairs pairs under each weather; a pair is an opt-out and the checks of the same person around it."
    try "$root/.build/release/maysend" || {
        cat "$scratch/output" >&2
        die "the test of freshness failed; what it said is above."
    }
}

# The build folder knows its own path, so the copy is put in this checkout's place, for the build alone and in a mount
# namespace of its own. Where that is not allowed the copy builds where it is, from nothing.
build_copy() {
    local as_root=()
    ((EUID == 0)) || as_root=(--map-root-user)
    # shellcheck disable=SC2016 # for the inner shell
    if unshare --mount "${as_root[@]}" true 2>/dev/null; then
        run_child unshare --mount "${as_root[@]}" bash -c \
            'mount --bind "$1" "$2" && cd "$2" && exec swift build --product maysend' -- "$copy" "$root" >&2
    else
        note "no mount namespace to be had here: the copy is built from nothing, which takes a while"
        (cd "$copy" && rm -rf .build/debug) && run_child swift build --package-path "$copy" --product maysend >&2
    fi
}

# A patch is for this folder, whatever repository it lies in.
patch_copy() { (cd "$copy" && GIT_CEILING_DIRECTORIES=$local_dir git apply "$@"); }

try_fault() {
    local name=$1 status=0
    say "With the fault $name"
    patch_copy "$fault_dir/$name.patch" || die "the fault $name fits the sources no more: write it anew."
    build_copy || die "maysend does not build with the fault $name."
    if [[ $name == asynchronous-replica ]]; then
        "$cluster" replica "$scratch/replica" "$scratch/cluster" >"$scratch/replica.url"
        MAYSEND_TEST_REPLICA_HOST=$(sed 's/.*host=//; s/%2F/\//g' "$scratch/replica.url")
        export MAYSEND_TEST_REPLICA_HOST
    fi
    try "$copy/.build/debug/maysend" || status=$?
    if ((status == 0 || $(stale) == 0)); then
        cat "$scratch/output" >&2
        die "the test does not notice the fault $name: it proves nothing."
    fi
    patch_copy --reverse "$fault_dir/$name.patch"
    note "noticed: $(stale) stale answers"
}

try_faults() {
    local file
    pairs=${pairs:-6000} weather=${weather:-quiet}
    if ((${#faults[@]} == 0)); then
        for file in "$fault_dir"/*.patch; do faults+=("$(basename "$file" .patch)"); done
    fi
    build_tests
    start_cluster
    say "Without a fault"
    try "$root/.build/debug/maysend" || {
        cat "$scratch/output" >&2
        die "the test fails without any fault."
    }
    say "Copying the checkout with what is built of it"
    rm -rf "$copy"
    mkdir "$copy"
    (cd "$root" && tar --create --format=posix --exclude=./.local --exclude=./.git --exclude='./.build/*/release' .) |
        tar --extract --directory="$copy"
    for file in "${faults[@]}"; do try_fault "$file"; done
    say "Each fault was noticed."
}

claim_clone
require_swift
need_to_build
need_cluster
install_needed
end_in_order
unset "${!PG@}" "${!MAYSEND_@}"
cd "$root"
case $what in
pairs) try_pairs ;;
faults) try_faults ;;
*) die "freshness.sh [faults [NAME…]]" ;;
esac
