#!/usr/bin/env bash
# `make check`: everything about the sources that a machine can say without the whole test run.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

claim_clone
require_swift
need_to_build
need_shellcheck
install_needed
end_in_order
cd "$root"

say "Format"
swift format lint --strict --parallel --recursive Package.swift Sources Tests
say "Shell scripts"
# The others are read with those that source them.
shellcheck --external-sources --check-sourced deploy/dev/{bench,build,check,cluster,freshness,fuzz,imports,install,notices,optouts,run,schema,smoke,story,test}.sh .ci/run
say "The faults that freshness.sh puts in"
for fault in Tests/FreshnessTests/Faults/*.patch; do
    git apply --check "$fault" || die "$fault fits the sources no more: write it anew."
done
say "Warnings, imports that a target doesn't declare, and the import walls"
run_child env FILTER=ArchitectureTests deploy/dev/test.sh
say "The schema dump"
run_child deploy/dev/schema.sh check
say "All checks passed."
