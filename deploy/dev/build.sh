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
end_in_order
cd "$root"
[[ -x .build/$configuration/maysend ]] ||
    say "Building maysend ($configuration). The first time this takes some minutes; later ones take seconds."
run_child swift build --configuration "$configuration" --product maysend >&2
