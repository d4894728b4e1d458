#!/usr/bin/env bash
# cluster.sh start|stop|restart|kill|url|status DIR [DATABASE]
# cluster.sh replica DIR PRIMARY
#
# A private PostgreSQL 15 whose data, log and lock live in DIR, reached through a Unix socket alone.
#   start    makes the cluster if DIR has none, starts it unless it runs, prints the URL of DATABASE
#   stop     a clean stop; nothing to do is no failure
#   restart  stop and start
#   kill     SIGKILL to all its processes, as a crash would
#   url      the URL of DATABASE; exit 3 if the cluster isn't running
#   status   exit 0 if it runs, 3 if not
#   replica  makes a cluster that follows the running one in the directory PRIMARY, whose commits don't wait for it; starts
#            it and prints its URL
# DATABASE is `postgres` unless named, and is made where it doesn't exist. Only a URL goes to stdout.
#
# Who may connect: the socket lies in a directory of mode 0700 of the cluster's system user, so only that user and root
# reach it, and there it trusts them with any role. PostgreSQL refuses to run as root: started by root, the cluster is
# the system user postgres's. That user often can't walk the path to DIR (a clone under /root), so every program of
# PostgreSQL gets DIR as a descriptor that this script opened: /proc/self/fd/9.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

stopSecondsMax=60
startSecondsMax=300 # crash recovery included
logBytesMax=10485760

usage() { die "cluster.sh start|stop|restart|kill|url|status DIR [DATABASE], or cluster.sh replica DIR PRIMARY"; }

[[ $# -ge 2 && $# -le 3 ]] || usage
verb=$1
dir=$(realpath -m -- "$2")
database=${3:-postgres}
primary=
if [[ $verb == replica ]]; then
    [[ $# -eq 3 ]] || usage
    primary=$(realpath -m -- "$3")
    database=postgres
fi
[[ $database =~ ^[a-z_][a-z0-9_]*$ ]] || die "a database is named in a-z, 0-9 and _, not: $database"
data=$dir/data

# A server outlives its caller, so it must hold none of the caller's locks and pipes.
for descriptor in "/proc/$BASHPID/fd"/*; do
    descriptor=${descriptor##*/}
    if ((descriptor > 2 && descriptor != 255)); then exec {descriptor}>&-; fi
done

# The system user of the cluster: whose data it is, else postgres for root, else the caller.
if [[ -d $data ]]; then
    uid=$(stat -c %u "$data")
    gid=$(stat -c %g "$data")
elif ((EUID == 0)); then
    uid=$(id -u postgres 2>/dev/null) || die "there is no system user postgres; Debian's postgresql-15 makes it."
    gid=$(id -g postgres)
else
    uid=$EUID
    gid=$(id -g)
fi
((EUID == 0 || EUID == uid)) || die "the cluster in $dir belongs to user $uid, and this is $(id -un)."

# Runs a program of PostgreSQL as the cluster's user, in a plain environment, with DIR as descriptor 9 and no lock.
postgres_program() {
    local program=$1 as_user=()
    shift
    if ((EUID == 0)); then as_user=(setpriv "--reuid=$uid" "--regid=$gid" --clear-groups --); fi
    (
        cd / && exec "${as_user[@]}" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC "$postgres_bin/$program" "$@" \
            9<"$dir" 8>&- </dev/null
    )
}

# The process that postmaster.pid names, if it is alive and at work in this very directory: after a crash or a new
# start of the machine the number may be anybody's.
postmaster() {
    local pid
    [[ -r $data/postmaster.pid ]] && read -r pid <"$data/postmaster.pid" && [[ $pid =~ ^[0-9]+$ ]] || return 1
    [[ $(stat -L -c %d:%i "/proc/$pid/cwd" 2>/dev/null) == $(stat -c %d:%i "$data") ]] || return 1
    echo "$pid"
}

# Every process at work in the data directory, a crashed server's left-over ones included.
crew() {
    local here
    here=$(stat -c %d:%i "$data" 2>/dev/null) || return 0
    { stat -L -c '%d:%i %n' /proc/[0-9]*/cwd 2>/dev/null || true; } |
        awk -v here="$here" '$1 == here { split($2, part, "/"); print part[3] }'
}

# A socket's path has 107 bytes at most, so its directory has a short name made from DIR's. Only root can make names in
# /run; elsewhere somebody may have been there before us, so what is found must be ours.
socket_base=/tmp
if ((EUID == 0)) && [[ -w /run ]]; then socket_base=/run; fi
digest=$(printf '%s' "$dir" | sha256sum)
socket_folder=$socket_base/maysend-${digest:0:12}

make_socket_folder() {
    if mkdir -m 0700 "$socket_folder" 2>/dev/null; then
        if ((EUID == 0)); then chown "$uid:$gid" "$socket_folder"; fi
    fi
    [[ ! -L $socket_folder && $(stat -c '%F %u %a' "$socket_folder") == "directory $uid 700" ]] ||
        die "$socket_folder should be a directory of user $uid with mode 0700 and isn't." \
            "Somebody else made it: find out who, remove it, and try again."
}

remove_socket_folder() {
    if [[ -d $1 && ! -L $1 && $1 == */maysend-* && $(stat -c %u "$1") == "$uid" ]]; then rm -rf "$1"; fi
}

claim_directory() {
    local found
    found=$(find "$dir" -mindepth 1 -maxdepth 1 ! -name lock ! -name 'data.new' ! -name '*.log*' -print -quit)
    [[ -z $found ]] || die "$dir holds other things ($found), so no cluster is made in it."
    rm -rf "$dir/data.new"
    if ((EUID == 0)); then chown "$uid:$gid" "$dir"; fi
    chmod 0700 "$dir"
}

make_cluster() {
    local log=$dir/initdb.log
    claim_directory
    postgres_program initdb --pgdata=/proc/self/fd/9/data.new --username=postgres --auth=trust --encoding=UTF8 \
        --locale=C.UTF-8 --lc-collate=C --data-checksums >"$log" 2>&1 || {
        cat "$log" >&2
        die "no PostgreSQL cluster could be made in $dir."
    }
    echo "include_if_exists = 'maysend.conf'" >>"$dir/data.new/postgresql.conf"
    mv "$dir/data.new" "$data"
}

# The settings come with the data, and so does the line that includes maysend.conf.
make_replica() {
    local log=$dir/basebackup.log socket
    socket=$(sed -n 5p "$primary/data/postmaster.pid" 2>/dev/null) || die "the cluster in $primary isn't running."
    claim_directory
    postgres_program pg_basebackup --pgdata=/proc/self/fd/9/data.new --write-recovery-conf --checkpoint=fast \
        --host="$socket" --username=postgres >"$log" 2>&1 || {
        cat "$log" >&2
        die "no replica of the cluster in $primary could be made in $dir."
    }
    mv "$dir/data.new" "$data"
}

# What a killed server left behind ends by itself as soon as it notices; until then a new one must not start.
await_crew() {
    local deadline=$((SECONDS + stopSecondsMax)) pids
    while mapfile -t pids < <(crew) && ((${#pids[@]})); do
        ((SECONDS < deadline)) || die "processes of a former server are still at work in $data: ${pids[*]}"
        sleep 0.1
    done
}

# PostgreSQL itself clears a dead server's pid file and the lock beside its socket, unless the number in them is in use
# again, or still that of a process nobody has waited for; then it would refuse to start. Called when nobody is at work
# in the data directory.
discard_misleading_locks() {
    local pid
    if read -r pid 2>/dev/null <"$data/postmaster.pid" && [[ $pid =~ ^[0-9]+$ && -d /proc/$pid ]]; then
        rm -f "$data/postmaster.pid"
    fi
    remove_socket_folder "$socket_folder"
}

start() {
    local log=$dir/server.log
    if postmaster >/dev/null; then
        say "The cluster in $dir is running already."
        return
    fi
    await_crew
    [[ -d $data ]] || make_cluster
    discard_misleading_locks
    make_socket_folder
    cat "$root/deploy/dev/postgresql.conf" >"$data/maysend.conf"
    if [[ -e $log ]] && (($(stat -c %s "$log") > logBytesMax)); then mv "$log" "$log.1"; fi
    postgres_program pg_ctl start --silent --wait --timeout="$startSecondsMax" --pgdata=/proc/self/fd/9/data \
        --log=/proc/self/fd/9/server.log --options="-k $socket_folder" >&2 || {
        tail -n 20 "$log" >&2
        die "the cluster in $dir did not start; its log is $log."
    }
}

stop() {
    local pid socket
    if pid=$(postmaster); then
        socket=$(sed -n 5p "$data/postmaster.pid")
        postgres_program pg_ctl stop --silent --wait --timeout="$stopSecondsMax" --mode=fast \
            --pgdata=/proc/self/fd/9/data >&2 || {
            say "no clean stop in $stopSecondsMax s; stopping without one (what is committed stays)"
            postgres_program pg_ctl stop --silent --wait --mode=immediate --pgdata=/proc/self/fd/9/data >&2
        }
        remove_socket_folder "$socket"
    fi
    await_crew
    remove_socket_folder "$socket_folder"
}

crash() {
    local pids
    while mapfile -t pids < <(crew) && ((${#pids[@]})); do
        kill -KILL "${pids[@]}" 2>/dev/null || true
        sleep 0.05
    done
    remove_socket_folder "$socket_folder"
}

url() {
    local socket
    postmaster >/dev/null || {
        say "The cluster in $dir isn't running."
        exit 3
    }
    socket=$(sed -n 5p "$data/postmaster.pid")
    if [[ $database != postgres ]]; then
        local found
        found=$(postgres_program psql -XAtq -h "$socket" -U postgres -d postgres \
            -c "select 1 from pg_database where datname = '$database'")
        [[ $found ]] || postgres_program createdb -h "$socket" -U postgres "$database"
    fi
    echo "postgresql://postgres@/$database?host=${socket//\//%2F}"
}

# Neither a Ctrl-C nor a stop in the middle leaves a half-made thing; each of these is short and has an end.
trap '' INT TERM HUP
if [[ $verb == start || $verb == restart || $verb == replica ]]; then mkdir -p "$dir"; fi
if [[ -d $dir && $verb != url && $verb != status ]]; then
    exec 8>>"$dir/lock"
    flock 8
fi
case $verb in
start) start && url ;;
replica)
    [[ -d $data ]] || make_replica
    start && url
    ;;
stop) stop ;;
restart) stop && start && url ;;
kill) crash ;;
url) url ;;
status) if pid=$(postmaster); then say "running, pid $pid"; else say "not running" && exit 3; fi ;;
*) usage ;;
esac
