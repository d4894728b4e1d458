#!/usr/bin/env bash
# `make run`: installs what is missing, builds, starts a private PostgreSQL under .local, puts demo data in once, serves,
# and prints three commands to paste. Ctrl-C stops all of it; the data stay for the next run.
#
#   MAYSEND_HOST, MAYSEND_PORT    where to listen (127.0.0.1 and 8080)
#   MAYSEND_DATABASE_URL          a database of yours instead of the private cluster
#   MAYSEND_PEPPER_FILE           a pepper of yours instead of .local/pepper
#   MAYSEND_CLUSTER_DIR           where the private cluster lies instead of .local/cluster
#   MAYSEND_CONFIGURATION         release or debug
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"
# shellcheck source-path=SCRIPTDIR source=demo.sh
. "$root/deploy/dev/demo.sh"

readySecondsMax=60
leftoverSecondsMax=20
configuration=${MAYSEND_CONFIGURATION:-release}
binary=$root/.build/$configuration/maysend
cluster_dir=${MAYSEND_CLUSTER_DIR:-$local_dir/cluster}
server_log=$local_dir/server.log
server_pid_file=$local_dir/server.pid
lock=$local_dir/run.lock
cluster_wanted=
stopping=
export MAYSEND_HOST=${MAYSEND_HOST:-127.0.0.1} MAYSEND_PORT=${MAYSEND_PORT:-8080}
export MAYSEND_PEPPER_FILE=${MAYSEND_PEPPER_FILE:-$local_dir/pepper}

# The host to reach it by: listening on every address includes this machine's own.
case $MAYSEND_HOST in
0.0.0.0 | ::) host=127.0.0.1 ;;
*) host=$MAYSEND_HOST ;;
esac
case $host in
*:*) url=http://[$host]:$MAYSEND_PORT ;;
*) url=http://$host:$MAYSEND_PORT ;;
esac

# shellcheck disable=SC2317 # finish calls it
clean_up() {
    rm -f "$server_pid_file"
    if [[ $cluster_wanted ]]; then "$root/deploy/dev/cluster.sh" stop "$cluster_dir" || return 1; fi
    if [[ $stopping ]]; then say "Stopped. The data stay in .local for the next make run."; fi
}

# Descriptor 7 holds the lock for as long as this script lives, however it ends.
take_lock() {
    local holder
    exec 7>>"$lock"
    flock --nonblock 7 || {
        holder=$(cat "$lock")
        die "make run is already running in this clone: ${holder:-it is just starting}." \
            "Stop it with Ctrl-C in its terminal, or from here with: kill ${holder//[^0-9]*/}"
    }
    echo "$BASHPID serves $url" >"$lock"
}

server_left_over() { kill -0 "$(cat "$server_pid_file" 2>/dev/null || echo none)" 2>/dev/null; }

port_is_busy() { (exec 3<>"/dev/tcp/$host/$MAYSEND_PORT") 2>/dev/null; }

require_free_port() {
    if [[ ! $MAYSEND_PORT =~ ^[0-9]{1,5}$ ]] || ((10#$MAYSEND_PORT < 1 || 10#$MAYSEND_PORT > 65535)); then
        die "MAYSEND_PORT is a number from 1 to 65535, not: $MAYSEND_PORT"
    fi
    # The server of a run that was killed a moment ago is on its way out; anyone else's stays.
    while port_is_busy && ((SECONDS < leftoverSecondsMax)) && server_left_over; do sleep 0.5; done
    port_is_busy || return 0
    die "port $MAYSEND_PORT of $host is taken by another program." \
        "Stop that one (ss -ltnp tells which it is), or take another port: MAYSEND_PORT=8090 make run"
}

# Sets MAYSEND_DATABASE_URL to the private cluster's, unless it names a database of the user's.
open_database() {
    if [[ ${MAYSEND_DATABASE_URL:-} ]]; then
        say "Using the database that MAYSEND_DATABASE_URL names; no private cluster."
    else
        unset "${!PG@}"
        say "Starting the private PostgreSQL in $cluster_dir"
        cluster_wanted=yes
        MAYSEND_DATABASE_URL=$("$root/deploy/dev/cluster.sh" start "$cluster_dir" maysend)
        export MAYSEND_DATABASE_URL
    fi
}

server_died() {
    local status=0
    wait "$child" || status=$?
    tail -n 20 "$server_log" >&2
    child=
    die "the server ended by itself, exit status $status; above is the end of $server_log."
}

serve() {
    local deadline=$((SECONDS + readySecondsMax))
    (umask 077 && : >"$server_log")
    start_child "$binary" serve >"$server_log" 2>&1 </dev/null
    echo "$child" >"$server_pid_file"
    until [[ $(curl --noproxy '*' -s -m 2 -o "$local_dir/readyz" -w '%{http_code}' "$url/readyz") == 200 ]]; do
        kill -0 "$child" 2>/dev/null || server_died
        if ((SECONDS >= deadline)); then
            cat "$local_dir/readyz" >&2 || true
            tail -n 20 "$server_log" >&2
            die "the server was not ready after $readySecondsMax s; above is what it said last."
        fi
        sleep 0.1
    done
    # Whoever answered, it wasn't ours if ours is gone.
    kill -0 "$child" 2>/dev/null || server_died
}

claim_clone
take_lock
require_free_port
require_swift
need_to_build
need_curl
if [[ ${MAYSEND_DATABASE_URL:-} ]]; then need_client; else need_cluster; fi
install_needed
[[ ! ${MAYSEND_DATABASE_URL:-} ]] || require_database

end_in_order
trap 'stopping=yes; say Stopping.; exit 0' INT TERM
trap 'stopping=yes; say Stopping.; exit 129' HUP

run_child "$root/deploy/dev/build.sh" "$configuration"
open_database
prepare_demo
say "Starting the server"
serve
write_demo_env
print_commands
wait "$child" || true
server_died
