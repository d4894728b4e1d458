#!/usr/bin/env bash
# notices.sh [COUNT]: so many notices (1000000) to a receiver that fails a third of the time, half of those after it took the
# notice. Two servers deliver side by side; every half minute one is killed outright and started again. Red if a notice is
# lost, or if one of a person comes, the first time, after a later one of that person. In quarantine is nothing: what fails is
# tried ten times, and replayed.
#
#   CONFIGURATION  release (debug builds sooner and is slower)
#   PERSONS        of how many persons the notices are (a fifth of COUNT)
#   MINUTES        the most it may take (60)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

count=${1:-1000000}
persons=${PERSONS:-$((count / 5 + 1))}
minutesMax=${MINUTES:-60}
configuration=${CONFIGURATION:-release}
binary=$root/.build/$configuration/maysend
python=${MAYSEND_TEST_VENV:-$local_dir/venv}/bin/python
servers=()
receiver=

clean_up() {
    if ((${#servers[@]})); then kill -TERM "${servers[@]}" 2>/dev/null; fi
    if [[ $receiver ]]; then kill -TERM "$receiver" 2>/dev/null; fi
    wait 2>/dev/null
    return 0
}

ask() { "$postgres_bin/psql" --no-psqlrc --quiet --tuples-only --no-align --command "set search_path = maysend; $1" "$MAYSEND_DATABASE_URL"; }

report() {
    "$python" -c "import json, sys, urllib.request as r
told = json.load(r.urlopen('http://127.0.0.1:$port/report'))
print(*(told[word] for word in ['taken', 'refused', 'repeated', 'unsigned', 'out-of-order']))"
}

start_server() {
    MAYSEND_PORT=0 "$binary" serve 7>&- 2>>"$scratch/server.$1.log" &
    servers[$1]=$!
}

[[ $count =~ ^[1-9][0-9]*$ ]] || die "notices.sh [COUNT]: '$count' is no number."
claim_clone
require_swift
need_to_build
need_cluster
need_client
install_needed
[[ -x $python ]] || die "the receiver needs a Python with deploy/dev/requirements.txt: make test makes it."
end_in_order
unset "${!PG@}"
[[ -x $binary && ${SKIP_BUILD:-} ]] || run_child "$root/deploy/dev/build.sh" "$configuration"

open_scratch
MAYSEND_DATABASE_URL=$("$root/deploy/dev/cluster.sh" start "$scratch/cluster" maysend)
export MAYSEND_DATABASE_URL MAYSEND_PEPPER_FILE=$scratch/pepper MAYSEND_OUTBOUND_ALLOW=127.0.0.1
# As close together as a run of minutes needs; the real ones go up to a day.
export MAYSEND_NOTICE_PAUSES=0,1,1,2,2,4,4,8,8,8 MAYSEND_LOG_LEVEL=warning
cd "$root"
"$binary" pepper create "$MAYSEND_PEPPER_FILE" 2>/dev/null
"$binary" migrate >/dev/null
install_step_back
"$binary" policy apply deploy/policies/stratsys.yaml >/dev/null

mkfifo "$scratch/said"
"$python" -c "import base64, secrets; print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())" >"$scratch/secret"
"$python" -u deploy/dev/notice_receiver.py "$(cat "$scratch/secret")" --fail 0.3333 7>&- >"$scratch/said" &
receiver=$!
read -r _ port <"$scratch/said"
"$binary" recipient set hubspot --url "http://127.0.0.1:$port/" --secret-file "$scratch/secret" 2>/dev/null

say "Posting $count notices of $persons persons."
ask "insert into notice (controller_id, group_id, recipient, act_id, act, scope, at, recorded_at, address_key)
    select h.id, h.group_id, 'hubspot', n, 'unsubscribed', 'controller', now(), now(),
        md5('person ' || (random() * $persons)::bigint)::uuid
    from holder h, generate_series(1, $count) n where h.kind = 'controller' order by n; analyze notice"

start=$SECONDS
start_server 0
start_server 1
killed=0
killAt=$((SECONDS + 15))
while :; do
    sleep 2
    read -r delivered quarantined < <(ask "select count(*) filter (where state = 'delivered') || ' ' ||
        count(*) filter (where state = 'quarantined') from notice")
    note "$((SECONDS - start)) s: $delivered delivered, $quarantined in quarantine, killed $killed times"
    ((delivered < count)) || break
    if ((quarantined > 0)); then "$binary" recipient replay hubspot >/dev/null; fi
    ((SECONDS - start < minutesMax * 60)) || die "$((count - delivered)) notices are not delivered after $minutesMax minutes."
    if ((SECONDS >= killAt)); then
        one=$((killed % 2))
        kill -KILL "${servers[$one]}"
        wait "${servers[$one]}" 2>/dev/null || true
        # What it had claimed comes when the lease ends; here nobody waits five minutes for that.
        ask "update notice set due_at = now() where state = 'waiting' and lease is not null and due_at > now() + interval '150 s'"
        start_server "$one"
        killed=$((killed + 1))
        killAt=$((SECONDS + 30))
    fi
done
seconds=$((SECONDS - start))
read -r taken refused repeated unsigned outOfOrder < <(report)
say "$count notices in $seconds s: $taken taken, $refused tries refused, $repeated repeated, $unsigned with a bad signature,"
say "$outOfOrder out of order; one of two servers killed $killed times."
((taken == count)) || die "$((count - taken)) notices are lost."
((unsigned == 0)) || die "$unsigned signatures did not hold."
((outOfOrder == 0)) || die "$outOfOrder notices came out of order."
say "None is lost, none is out of order."
