#!/usr/bin/env bash
# install.sh PACKAGE…: as root, apt-get install. Installing PostgreSQL would also make and start a system cluster,
# which nobody asked for: a setting says no for as long as this runs.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
settings=/etc/postgresql-common/createcluster.d

if [[ " $* " == *" postgresql-15 "* ]]; then
    mkdir -p "$settings"
    trap 'rm -f "$settings/maysend.conf"; rmdir --ignore-fail-on-non-empty "$settings"' EXIT
    echo 'create_main_cluster = false' >"$settings/maysend.conf"
fi
apt-get -o DPkg::Lock::Timeout=300 update || echo "apt-get update failed; going on with the lists that are there."
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
