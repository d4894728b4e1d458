#!/usr/bin/env bash
# Runs schemathesis with all its checks against a running service.
#
#   schemathesis.sh URL KEY
#
# KEY needs every scope. MAYSEND_TEST_VENV names the Python that has schemathesis. Bounded by the examples per operation
# in schemathesis.toml and by SECONDS_MAX.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seconds_max=${SECONDS_MAX:-900}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Whatever it keeps goes into a folder of its own, not into the checkout.
cd "$scratch"
timeout "$seconds_max" "$MAYSEND_TEST_VENV/bin/schemathesis" --config-file "$here/schemathesis.toml" run --warnings off \
    --url "$1" --header "Authorization: Bearer $2" "$1/openapi.json"
