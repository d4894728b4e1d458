#!/usr/bin/env bash
# build.sh [release|debug]: the binary. SwiftPM builds only what changed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"
configuration=${1:-release}

claim_clone
require_swift
need_to_build
install_needed
trap end_child EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cd "$root"
[[ -x .build/$configuration/maysend ]] ||
    say "Building maysend ($configuration). The first time this takes some minutes; later ones take seconds."
run_child swift build --configuration "$configuration" --product maysend >&2
