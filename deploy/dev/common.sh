# shellcheck shell=bash
# Shared by the scripts beside it: words to the reader, refusals, and children that cannot outlive their script.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
local_dir=$root/.local
# Read by the scripts that source this one.
# shellcheck disable=SC2034
postgres_bin=/usr/lib/postgresql/15/bin
umask 022

say() { printf '==> %s\n' "$*" >&2; }

note() { printf '    %s\n' "$*" >&2; }

die() {
    printf '\nmaysend: %s\n' "$1" >&2
    shift
    if (($#)); then printf '    %s\n' "$@" >&2; fi
    exit 1
}

# Has lists and sweeps give way to checks, in a migrated database of ours; of somebody else's that is not ours to do.
install_step_back() { "$postgres_bin/psql" -Xqf "$root/sql/step_back.sql" "$MAYSEND_DATABASE_URL" >&2; }

# Makes .local, and refuses a clone that another user has already built or run in: half its files would be theirs.
claim_clone() {
    local folder
    mkdir -p "$local_dir"
    for folder in "$local_dir" "$root/.build"; do
        [[ ! -e $folder || -O $folder ]] ||
            die "$folder belongs to $(stat -c %U "$folder"), and this is $(id -un)." \
                "Go on as $(stat -c %U "$folder"), or remove that folder, or work in a clone of your own."
    done
    chmod 0700 "$local_dir"
}

# The processes of one session, whatever process groups they made for themselves; first the one that began it.
session_members() {
    local stat_file line fields pid
    for stat_file in "/proc/$1/stat" /proc/[0-9]*/stat; do
        pid=${stat_file//[^0-9]/}
        { read -r line <"$stat_file"; } 2>/dev/null || continue
        read -r -a fields <<<"${line##*) }"
        [[ ${fields[3]:-} == "$1" && ${fields[0]} != Z ]] || continue
        echo "$pid"
    done | awk '!seen[$1]++'
}

child=

# Starts a command in a session of its own, so that a Ctrl-C in the terminal reaches only this script, which then ends
# the child once and in order; should this script be killed outright, the kernel sends the child SIGTERM. File
# descriptor 7, the lock that says this script lives, isn't passed on.
start_child() {
    setsid setpriv --pdeathsig TERM -- "$@" 7>&- &
    child=$!
}

# Ends the child and all it started: SIGTERM first, then SIGKILL to what hasn't gone in time. What the child leaves
# behind gets less of it: nothing waits for those any more.
end_child() {
    local childStopSecondsMax=20 strayStopSecondsMax=2 members deadline
    [[ $child ]] || return 0
    deadline=$((SECONDS + childStopSecondsMax))
    mapfile -t members < <(session_members "$child")
    ((${#members[@]})) || members=("$child") # not yet in its own session
    kill -TERM "${members[@]}" 2>/dev/null || true
    while mapfile -t members < <(session_members "$child") && ((${#members[@]})); do
        if [[ ${members[0]} != "$child" ]] && ((deadline > SECONDS + strayStopSecondsMax)); then
            deadline=$((SECONDS + strayStopSecondsMax))
        fi
        if ((SECONDS >= deadline)); then kill -KILL "${members[@]}" 2>/dev/null || true; fi
        sleep 0.1
    done
    wait "$child" 2>/dev/null || true
    child=
}

# Runs a command to its end as a child that a signal to this script stops at once; its exit status is the command's.
run_child() {
    local status=0
    start_child "$@"
    wait "$child" || status=$?
    child=
    return "$status"
}

scratch=

# Makes the folder $scratch for throw-away clusters; first removes those of scripts that were killed before they could.
open_scratch() {
    local folder
    for folder in "${TMPDIR:-/tmp}"/maysend-scratch.*; do
        # A younger one may belong to a script that is just about to lock it.
        if [[ -O $folder && $(find "$folder/lock" -mmin +1 2>/dev/null) ]] && flock --nonblock "$folder/lock" true; then
            discard_scratch "$folder"
        fi
    done
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/maysend-scratch.XXXXXX")
    exec 7>"$scratch/lock"
    flock 7
}

# Stops every cluster in such a folder, those that tests made included, and removes it.
discard_scratch() {
    local data
    while read -r data; do "$root/deploy/dev/cluster.sh" kill "${data%/data}"; done \
        < <(find "$1" -maxdepth 6 -type d -name data -prune)
    rm -rf "$1"
}

# Ends the script in order, whatever ends it: the child, what the script's own `clean_up` takes away, and the throw-away
# clusters. A further signal doesn't break into it.
finish() {
    local status=$?
    trap '' INT TERM HUP
    set +e
    end_child
    if declare -F clean_up >/dev/null; then clean_up || status=1; fi
    if [[ $scratch ]]; then discard_scratch "$scratch"; fi
    exit "$status"
}

# From here on the script ends in order.
end_in_order() {
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}
