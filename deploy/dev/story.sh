#!/usr/bin/env bash
# `make story`: three persons of three policies, from collection to erasure, through the API, with every answer printed; and a
# disaster: backups that are older than an opt-out and an erasure are restored, as a dump and as a copy of the whole cluster.
# Runs on throw-away PostgreSQLs and servers of its own; what must be so is checked, and a story that goes another way ends
# with 1. STORY=stratsys, hydac, infobric or restore tells one of them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

readySecondsMax=60
server=

clean_up() {
    if [[ $server ]]; then stop_server 2>/dev/null; fi
    return 0
}

# Starts a server and waits until it answers GET /PATH with STATUS.
start_server() {
    local path=$1 status=$2 deadline=$((SECONDS + readySecondsMax))
    "$maysend" serve >"$scratch/serve.log" 2>&1 &
    server=$!
    until [[ $(curl -s -o /dev/null -w '%{http_code}' "$url/$path" 2>/dev/null) == "$status" ]]; do
        kill -0 "$server" 2>/dev/null || { cat "$scratch/serve.log" >&2; die "the server ended before it answered."; }
        ((SECONDS < deadline)) || die "the server did not answer /$path with $status in $readySecondsMax s."
        sleep 0.2
    done
}

stop_server() {
    kill -TERM "$server"
    wait "$server"
    server=
}

# ask METHOD PATH [BODY]: prints the request and the answer; the answer is in $answer, its status in $code.
ask() {
    local method=$1 path=$2 body=${3:-} arguments=()
    printf '\n$ %s %s %s\n' "$method" "$path" "$body"
    if [[ $body ]]; then arguments=(-H 'Content-Type: application/json' --data-binary "$body"); fi
    answer=$(curl -sS -X "$method" -w '\n%{http_code}' -H "Authorization: Bearer $key" "${arguments[@]}" "$url$path")
    code=${answer##*$'\n'}
    answer=${answer%$'\n'*}
    printf '%s %s\n' "$code" "$answer"
}

# must PATTERN: the answer just printed has it.
must() {
    [[ $answer =~ $1 ]] || die "the story goes another way: the answer should have $1"
}

# verdict PURPOSE PATTERN
verdict() {
    ask POST /v1/eligibility "{\"address\":\"$person\",\"purpose\":\"$1\"}"
    must "$2"
}

tell() { printf '\n# %s\n' "$*"; }

subject() { ask POST "/v1/subjects/$1" "{\"address\":\"$person\"${2:+,$2}}"; }

make_key() { key=$("$maysend" key create --controller "$1" --name story --scope check --scope write --scope subject 2>/dev/null); }

stratsys() {
    make_key stratsys-ab
    person=kari.nordmann@fjordbygg.example
    tell 'Stratsys: collected from the company register, never met. Three months, on legitimate interest.'
    ask POST /v1/contacts "{\"address\":\"$person\",\"name\":\"Kari Nordman\",\"position\":\"CFO\",\"source\":\"company-register\",\"organisation\":{\"name\":\"Fjordbygg AS\"}}"
    must '"verdict":"created"'
    verdict newsletter '"ground":"cold-lead"'
    tell 'She books a demo: twelve months from the last contact.'
    ask POST /v1/events "{\"address\":\"$person\",\"event\":\"demo-booked\"}"
    verdict newsletter '"ground":"demo"'
    tell 'She sees what is held (15), and objects to profiling alone (21).'
    subject export
    must '"source":"company-register"'
    subject object '"purpose":"profiling"'
    verdict newsletter '"profiling":false'
    tell 'Her name is wrong, and she contests the rest: corrected (16), restricted meanwhile (18).'
    subject rectify '"to":{"name":"Kari Nordmann"}'
    must '"corrected":\["name"\]'
    subject restrict '"ground":"accuracy-contested"'
    verdict newsletter '"reason":"restricted"'
    tell 'Nothing is lifted before she is told (18(3)).'
    subject unrestrict
    must '"code":"person-not-told"'
    ask POST /v1/events "{\"address\":\"$person\",\"event\":\"restriction-lifting-told\",\"evidence\":{\"method\":\"letter\",\"letter\":\"2026-114\"}}"
    subject unrestrict
    verdict newsletter '"eligible":true'
    tell 'She unsubscribes, then has a new address: the opt-out goes along.'
    ask POST /v1/register "{\"address\":\"$person\",\"reason\":\"unsubscribed\"}"
    subject rectify '"to":{"address":"kari.hansen@fjordbygg.example"}'
    must '"event":"unsubscribed"'
    person=kari.hansen@fjordbygg.example
    verdict newsletter '"reason":"unsubscribed"'
    tell 'An invoice is still in the books, and she asks for erasure in a letter: it has a month (12(3)), and it waits (17(3)).'
    ask POST /v1/events "{\"address\":\"$person\",\"event\":\"hold-placed\",\"id\":\"accounting\"}"
    ask POST /v1/requests "{\"address\":\"$person\",\"kind\":\"erase\",\"language\":\"nb\"}"
    [[ $answer =~ \"request\":([0-9]+) ]] || die "no request"
    local request=${BASH_REMATCH[1]}
    ask GET /v1/requests
    subject erase '"evidence":{"letter":"2026-120"}'
    must '"state":"pending"'
    ask POST "/v1/requests/$request/complete" '{"note":"answered by letter; what is kept was said"}'
    verdict newsletter '"eligible":false'
    tell 'The books are closed: now the contact goes too.'
    ask POST /v1/events "{\"address\":\"$person\",\"event\":\"hold-released\",\"id\":\"accounting\"}"
    subject export
    must '"contact":null'
    tell 'The same list comes in again, and does not revive her.'
    ask POST /v1/contacts "{\"address\":\"$person\",\"name\":\"Kari\"}"
    must '"verdict":"suppressed"'
}

hydac() {
    make_key hydac-verwaltung
    person=eva.berg@verft.example
    tell 'HYDAC: mail on a live consent alone. A contact that nothing keeps is not stored.'
    ask POST /v1/contacts "{\"address\":\"$person\",\"name\":\"Eva Berg\"}"
    must '"verdict":"no-ground"'
    ask POST /v1/consents "{\"address\":\"$person\",\"purpose\":\"newsletter\",\"evidence\":{\"method\":\"double-opt-in\",\"wording\":\"v1\",\"ip\":\"192.0.2.77\"}}"
    ask POST /v1/contacts "{\"address\":\"$person\",\"name\":\"Eva Berg\"}"
    must '"verdict":"created"'
    verdict newsletter '"basis":\{"article":"6\(1\)\(a\)"'
    tell 'What rests on her consent is hers to carry elsewhere (20); the proof of it has her network, not her address.'
    subject export
    must '"covered":true'
    must '192.0.2.0/24'
    tell 'She withdraws (7(3)); what was sent before stays lawful, and nothing more is sent.'
    ask POST /v1/register "{\"address\":\"$person\",\"reason\":\"consent-withdrawn\",\"purpose\":\"newsletter\"}"
    verdict newsletter '"reason":"consent-withdrawn"'
    tell 'A list that claims a consent lifts nothing.'
    ask POST /v1/consents "{\"address\":\"$person\",\"purpose\":\"newsletter\",\"by\":\"import\"}"
    must '"code":"standing-entry"'
    subject erase
    must '"state":"erased"'
    subject export
    must '"contact":null'
}

infobric() {
    make_key infobric-ab
    local first=$key
    make_key infobric-as
    local sister=$key
    person=ola.lie@bygg.example
    tell 'Infobric: four companies of one group. Ola is a lead of two of them.'
    key=$first
    ask POST /v1/contacts "{\"address\":\"$person\",\"name\":\"Ola Lie\",\"source\":\"fair\"}"
    key=$sister
    ask POST /v1/contacts "{\"address\":\"$person\",\"source\":\"group-company\"}"
    verdict newsletter '"eligible":true'
    tell 'He unsubscribes at Infobric AB. The group is the default scope, so Infobric AS stops as well.'
    key=$first
    ask POST /v1/register "{\"address\":\"$person\",\"reason\":\"unsubscribed\"}"
    must '"scope":"group"'
    key=$sister
    verdict newsletter '"scope":"group"'
    verdict offers '"reason":"unsubscribed"'
    tell 'A sister company that never knew him would not take him in.'
    make_key infobric-time-as
    ask POST /v1/contacts "{\"address\":\"$person\"}"
    must '"verdict":"suppressed"'
    tell 'A company answers for its own handling: erased at Infobric AB, he is still on file at Infobric AS, which mails him nothing.'
    key=$first
    subject erase
    must '"state":"erased"'
    subject export
    must '"contact":null'
    key=$sister
    subject export
    must '"source":"group-company"'
    verdict newsletter '"eligible":false'
}

# run WORDS…: prints a command and what it says.
run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# What a restored database has to go through: MAYSEND_DATABASE_URL names it, and MAYSEND_JOURNAL what is kept outside.
come_back() {
    start_server readyz 503
    # It says so once it has compared the two.
    until curl -s "$url/readyz" | grep -q restore-check; do sleep 0.2; done
    ask GET /readyz
    must 'restore-check'
    person=per.holm@fjordbygg.example
    verdict newsletter '"status":503'
    stop_server
    run maysend restore-check
    start_server readyz 200
    verdict newsletter '"reason":"unsubscribed"'
    person=eva.berg@fjordbygg.example
    verdict newsletter '"reason":"erased"'
    subject export
    must '"contact":null'
    person=kari.lie@fjordbygg.example
    verdict newsletter '"eligible":true'
    stop_server
    run maysend verify
}

maysend() { command "$maysend" "$@"; }

restore() {
    local cluster=$root/deploy/dev/cluster.sh journal=$scratch/journal dump=$scratch/backup.dump
    make_key stratsys-ab
    tell 'A backup: Per, Eva and Kari are leads. It is a dump, and a copy of the whole cluster.'
    for person in per.holm eva.berg kari.lie; do
        ask POST /v1/contacts "{\"address\":\"$person@fjordbygg.example\",\"source\":\"fair\"}"
        must '"verdict":"created"'
    done
    "$postgres_bin/pg_dump" --format=custom --file="$dump" "$MAYSEND_DATABASE_URL"
    "$cluster" replica "$scratch/copy" "$scratch/cluster" >/dev/null
    "$cluster" stop "$scratch/copy"
    rm "$scratch/copy/data/standby.signal"
    tell 'After it, Per unsubscribes and Eva is erased. The journal, outside the database, hears of it within a second.'
    person=per.holm@fjordbygg.example
    ask POST /v1/register "{\"address\":\"$person\",\"reason\":\"unsubscribed\"}"
    person=eva.berg@fjordbygg.example
    subject erase
    must '"state":"erased"'
    stop_server
    tell 'The database is lost, and the dump restored into a new cluster: no server answers before the journal is replayed.'
    "$cluster" stop "$scratch/cluster"
    cp -r "$journal" "$scratch/journal-2"
    MAYSEND_DATABASE_URL=$("$cluster" start "$scratch/dumped" story)
    "$postgres_bin/psql" --no-psqlrc --quiet --file="$root/sql/roles.sql" "$MAYSEND_DATABASE_URL"
    "$postgres_bin/pg_restore" --dbname="$MAYSEND_DATABASE_URL" "$dump"
    come_back
    "$cluster" stop "$scratch/dumped"
    tell 'The same from the copy of the cluster, which takes itself for the old one.'
    MAYSEND_DATABASE_URL=$("$cluster" start "$scratch/copy" story)
    MAYSEND_JOURNAL=$scratch/journal-2
    come_back
}

claim_clone
need_cluster
need_curl
install_needed
end_in_order
unset "${!PG@}" "${!MAYSEND_@}"
maysend=${STORY_BINARY:-$root/.build/release/maysend}
if [[ ! -x $maysend && -x $root/.build/debug/maysend ]]; then maysend=$root/.build/debug/maysend; fi
[[ -x $maysend ]] || die "there is no maysend yet: 'make build' makes it."
open_scratch
MAYSEND_DATABASE_URL=$("$root/deploy/dev/cluster.sh" start "$scratch/cluster" story)
export MAYSEND_DATABASE_URL MAYSEND_PEPPER_FILE=$scratch/pepper MAYSEND_SQL=$root/sql
export MAYSEND_POLICIES=$root/deploy/policies
say "A database, three policies, a server"
"$maysend" pepper create "$MAYSEND_PEPPER_FILE" >/dev/null
"$maysend" migrate >/dev/null
for policy in stratsys hydac infobric; do "$maysend" policy apply "$policy" >/dev/null; done
export MAYSEND_PORT=${STORY_PORT:-18099} MAYSEND_JOURNAL=$scratch/journal
url=http://127.0.0.1:$MAYSEND_PORT
start_server readyz 200
for story in ${STORY:-stratsys hydac infobric restore}; do "$story"; done
tell 'Every standing is what the ledger says:'
maysend verify
