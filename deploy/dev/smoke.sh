#!/usr/bin/env bash
# smoke.sh: `make run` as a newcomer meets it: start, paste the three commands, Ctrl-C, look for what is left; then a
# second start, which keeps the data and needs only seconds. Takes MAYSEND_PORT, or a free one from 8080 up.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

startSecondsMax=3600 # a release build from nothing included
againSecondsMax=60
stopSecondsMax=60
output=$local_dir/smoke.out
runner=

clean_up() {
    [[ $runner ]] || return 0
    kill -TERM -- "-$runner" 2>/dev/null
    wait "$runner" 2>/dev/null
    return 0
}

fail() {
    cat "$output" >&2
    die "$@"
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# In a process group of its own with SIGINT as a terminal's foreground group has it.
start_run() {
    local deadline=$((SECONDS + $1))
    : >"$output" # here, not in the background, where the last run's words would be read before they are gone
    setsid env --default-signal=INT make run >>"$output" 2>&1 </dev/null &
    runner=$!
    until grep -q '^# 3\. ' "$output"; do
        kill -0 "$runner" 2>/dev/null || fail "make run ended before it was ready."
        ((SECONDS < deadline)) || fail "make run was not ready after $1 s."
        sleep 0.2
    done
    mapfile -t commands < <(grep '^\. ' "$output")
    ((${#commands[@]} == 3)) || fail "make run printed ${#commands[@]} commands, not three."
}

# A Ctrl-C: SIGINT to the whole foreground process group, then nothing is left.
stop_run() {
    local deadline=$((SECONDS + stopSecondsMax)) left
    kill -INT -- "-$runner"
    while kill -0 "$runner" 2>/dev/null; do
        ((SECONDS < deadline)) || fail "make run was still there $stopSecondsMax s after Ctrl-C."
        sleep 0.1
    done
    wait "$runner" || true
    runner=
    ! "$root/deploy/dev/cluster.sh" status "$local_dir/cluster" 2>/dev/null || fail "Ctrl-C left the cluster running."
    left=$(stat -c '%N' /proc/[0-9]*/exe 2>/dev/null | grep -F -- "-> '$root/.build/" | grep "/maysend'$" || true)
    [[ ! $left ]] || fail "Ctrl-C left processes running:" "$left"
    ! is_open "$MAYSEND_PORT" || fail "Ctrl-C left port $MAYSEND_PORT open."
}

# paste COMMAND PATTERN: in a fresh shell elsewhere, as in another terminal.
paste_command() {
    local answer
    answer=$(cd / && env -i PATH="$PATH" bash -c "$1")
    note "$answer"
    [[ $answer =~ $2 ]] || fail "that isn't what was promised ($2); the command was: $1"
}

end_in_order
unset "${!MAYSEND_DATABASE@}"
mkdir -p "$local_dir"
cd "$root"
export MAYSEND_PORT=${MAYSEND_PORT:-8080}
while is_open "$MAYSEND_PORT"; do MAYSEND_PORT=$((MAYSEND_PORT + 1)); done

say "make run, on port $MAYSEND_PORT"
start_run "$startSecondsMax"
eligible='"eligible" *: *true'
refused='"eligible" *: *false.*"reason" *: *"unsubscribed"|"reason" *: *"unsubscribed".*"eligible" *: *false'
first=("${commands[@]}")
page=$(sed -nE 's/^#.* hands out: (http.+)$/\1/p' "$output")
[[ $page ]] || fail "make run printed no unsubscribe link."
paste_command "curl -sS '$page'" '<form'
paste_command "${first[0]}" "$eligible"
paste_command "${first[1]}" unsubscribed
paste_command "${first[2]}" "$refused"
! make run >"$output.second" 2>&1 || fail "a second make run beside the first one started."
grep -q 'already running' "$output.second" || fail "a second make run did not say why it stopped."

say "Ctrl-C"
stop_run
say "make run once more"
start_run "$againSecondsMax"
paste_command "${first[2]}" "$refused"
paste_command "${commands[0]}" "$eligible"
stop_run
say "The smoke test of make run passed."
