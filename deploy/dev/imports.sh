#!/usr/bin/env bash
# Imports of a long list, measured and killed, on a throw-away PostgreSQL.
#
#   imports.sh bench  how long an import takes, beside what limits it: COPY of the same file into an unlogged table, and
#                     one INSERT … SELECT of it into a table whose key is a uuid
#   imports.sh kill   kills an import with SIGKILL again and again; every line must be accounted for once, and every
#                     standing be what the ledger says
#   imports.sh beside how long a check takes at a server, with nothing else going on and beside an import
#
#   ROWS    lines of the list (1000000)
#   KILLS   how often it is killed (20)
#   RATE    checks a second (1000)
#   SECONDS_EACH  how long each of both is measured (20)
#   BUILD   release or debug (release)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

what=${1:-bench}
rows=${ROWS:-1000000}
kills=${KILLS:-20}
rate=${RATE:-1000}
seconds=${SECONDS_EACH:-20}
build=${BUILD:-release}
cluster=$root/deploy/dev/cluster.sh
binary=$root/.build/$build/maysend
collected=$(date -u -d yesterday +%F)
started=()

clean_up() {
    if ((${#started[@]})); then kill -TERM "${started[@]}" 2>/dev/null; fi
    wait 2>/dev/null
    return 0
}

ask() { "$postgres_bin/psql" -XAtqc "$1" "$url"; }

# Nine columns, as lists of leads have them.
make_leads() {
    awk -v rows="$rows" -v day="$collected" 'BEGIN {
        print "E-post;Fornavn;Etternavn;Stilling;Organisasjon;Orgnr;Telefon;Kilde;Innsamlet"
        for (n = 1; n <= rows; n++)
            printf "fornavn.etternavn%d@firma-%d.example;Fornavn%d;Etternavn%d;Økonomisjef;Firma %d AS;%09d;+47 %08d;bransjeregister;%s\n",
                n, n % 20000, n % 997, n, n % 20000, 100000000 + n % 20000, 20000000 + n, day
    }' >"$scratch/leads.csv"
}

make_suppressions() {
    awk -v rows="$rows" -v day="$collected" 'BEGIN {
        print "email,created"
        for (n = 1; n <= rows; n++) printf "avmeldt.person%d@firma-%d.example,%s\n", n, n % 20000, day
    }' >"$scratch/suppressions.csv"
}

open_service() {
    MAYSEND_DATABASE_URL=$url MAYSEND_PEPPER_FILE=$scratch/pepper MAYSEND_SQL=$root/sql
    MAYSEND_POLICIES=$root/deploy/policies
    export MAYSEND_DATABASE_URL MAYSEND_PEPPER_FILE MAYSEND_SQL MAYSEND_POLICIES
    [[ -e $scratch/pepper ]] || "$binary" pepper create "$scratch/pepper" >&2
    "$binary" migrate >&2
    install_step_back
    "$binary" policy apply "$root/deploy/policies/stratsys.yaml" >&2
}

now() { date +%s.%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f", to - from }'; }
ratio() { awk -v one="$1" -v other="$2" 'BEGIN { printf "%.2f", one / other }'; }

# The seconds that both statements take; the best of two, for the file is in memory the second time.
baseline() {
    local file=$1 delimiter=$2 columns=$3 best='' start seconds
    for _ in 1 2; do
        ask "drop table if exists raw, keyed; create unlogged table raw ($columns); checkpoint" >&2
        start=$(now)
        "$postgres_bin/psql" -XAtqc "\\copy raw from '$file' (format csv, header, delimiter '$delimiter')" "$url" >&2
        ask "create table keyed (key uuid primary key, like raw)" >&2
        ask "insert into keyed select md5(email)::uuid, raw.* from raw" >&2
        seconds=$(since "$start")
        best=$(awk -v a="${best:-$seconds}" -v b="$seconds" 'BEGIN { print a < b ? a : b }')
    done
    ask "drop table raw, keyed" >&2
    echo "$best"
}

# Runs an import; prints its seconds and the most memory that it held, in MB.
measure() {
    local start peak=0 held
    ask checkpoint
    start=$(now)
    "$binary" import "$@" >"$scratch/output" 2>&1 &
    local pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        held=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
        if [[ $held ]] && ((held > peak)); then peak=$held; fi
        sleep 0.1
    done
    wait "$pid" || { cat "$scratch/output" >&2; die "the import failed; what it said is above."; }
    echo "$(since "$start") $((peak / 1024))"
}

bench() {
    local base seconds peak
    make_leads
    make_suppressions
    open_service
    say "$rows leads of nine columns"
    base=$(baseline "$scratch/leads.csv" ';' \
        'email text, first text, last text, position text, company text, number text, phone text, source text, at text')
    read -r seconds peak < <(measure "$scratch/leads.csv")
    printf 'leads         %8d rows  COPY and INSERT %6s s  import %6s s  ratio %5s  memory %4d MB\n' "$rows" "$base" \
        "$seconds" "$(ratio "$seconds" "$base")" "$peak"
    say "$rows suppressions of two columns"
    base=$(baseline "$scratch/suppressions.csv" , 'email text, at text')
    read -r seconds peak < <(measure --suppressions "$scratch/suppressions.csv")
    printf 'suppressions  %8d rows  COPY and INSERT %6s s  import %6s s  ratio %5s  memory %4d MB\n' "$rows" "$base" \
        "$seconds" "$(ratio "$seconds" "$base")" "$peak"
}

# The import is killed at a random moment: mostly while it is merged, sometimes while it is received.
kill_again() {
    local done=0 received pause pid id
    make_leads
    open_service
    say "An import of $rows rows, killed $kills times"
    while ((done < kills)); do
        received=$(ask "select count(*) from maysend.import where state <> 'receiving'")
        "$binary" import "$scratch/leads.csv" 7>&- >"$scratch/output" 2>&1 &
        pid=$!
        # Each run receives the whole list before it goes on with the merging of the first.
        if ((done % 4)); then
            while kill -0 "$pid" 2>/dev/null &&
                [[ $(ask "select count(*) from maysend.import where state <> 'receiving'") == "$received" ]]; do
                sleep 0.1
            done
        fi
        pause=$(awk -v seed="$RANDOM$done" 'BEGIN { srand(seed); printf "%.2f", 0.1 + rand() }')
        sleep "$pause"
        if ! kill -KILL "$pid" 2>/dev/null; then
            wait "$pid" || true
            note "it was over after $done kills"
            break
        fi
        wait "$pid" 2>/dev/null || true
        done=$((done + 1))
        note "kill $done: $(ask "select coalesce(max(created), 0) || ' merged' from maysend.import")"
    done
    "$binary" import "$scratch/leads.csv" >"$scratch/output" 2>&1 || { cat "$scratch/output" >&2; die "it fails."; }
    id=$(ask "select id from maysend.import where state = 'finished'")
    "$binary" import rows "$id" >"$scratch/rows.csv"
    awk -F, -v rows="$rows" 'NR > 1 { lines++; if (seen[$1]++ || $1 < 2 || $1 > rows + 1 || $2 != "created") wrong++ }
        END { printf "%d lines accounted for, %d of them wrong or twice\n", lines, wrong; exit lines != rows || wrong }' \
        "$scratch/rows.csv"
    [[ $(ask "select count(*) || ' ' || count(distinct address_key) from maysend.contact") == "$rows $rows" &&
        $(ask "select count(*) from maysend.ledger where act = 'collected'") == "$rows" ]] ||
        die "there are other contacts or acts than lines."
    "$binary" verify
    say "Nothing was lost and nothing repeated."
}

# The latencies of checks of the list's people, due at a set rate.
checks() {
    "$root/.build/$build/bench" load "http://127.0.0.1:$port/v1/eligibility" --rate "$rate" --seconds "$seconds" \
        --people "$rows" --header "Authorization: Bearer $key" --expect '"eligible":' \
        --body '{"address":"fornavn.etternavn{n}@firma-1.example","purpose":"outreach"}' | tee /dev/stderr |
        sed -n '1s/.*p99 \([0-9.]*\) ms.*/\1/p'
}

beside() {
    local key port quiet busy
    make_leads
    open_service
    key=$("$binary" key create --controller stratsys-ab --name checks --scope check)
    MAYSEND_PORT=0 "$binary" serve 7>&- 2>"$scratch/server.log" &
    started=("$!")
    while ! port=$(grep -om 1 '"port":[0-9]*' "$scratch/server.log"); do
        kill -0 "${started[0]}" 2>/dev/null || { cat "$scratch/server.log" >&2; die "the server ended."; }
        sleep 0.1
    done
    port=${port#*:}
    say "$rate checks a second"
    quiet=$(checks)
    "$binary" import "$scratch/leads.csv" 7>&- >"$scratch/output" 2>&1 &
    started+=("$!")
    while [[ $(ask "select count(*) from maysend.import where state = 'merging'") == 0 ]]; do
        kill -0 "${started[1]}" 2>/dev/null || die "the import ended: $(cat "$scratch/output")"
        sleep 0.2
    done
    say "$rate checks a second beside an import"
    busy=$(checks)
    kill -0 "${started[1]}" 2>/dev/null || die "the import was over before the checks were: take more ROWS."
    note "$(ask "select created || ' of ' || lines || ' lines merged at the end' from maysend.import")"
    clean_up
    started=()
    printf 'p99 %s ms alone, %s ms beside an import: ratio %s\n' "$quiet" "$busy" "$(ratio "$busy" "$quiet")"
}

[[ $rows =~ ^[1-9][0-9]{0,8}$ ]] || die "ROWS is a number from 1 to 999999999, not: $rows"
[[ $rate =~ ^[1-9][0-9]{0,5}$ ]] || die "RATE is a number from 1 to 999999, not: $rate"
[[ $seconds =~ ^[1-9][0-9]{0,3}$ ]] || die "SECONDS_EACH is a number from 1 to 9999, not: $seconds"
[[ $kills =~ ^[0-9]{1,3}$ ]] || die "KILLS is a number from 0 to 999, not: $kills"
[[ $build == release || $build == debug ]] || die "BUILD is release or debug, not: $build"
[[ $what == bench || $what == kill || $what == beside ]] || die "imports.sh bench|kill|beside"
claim_clone
require_swift
need_to_build
need_cluster
install_needed
end_in_order
unset "${!PG@}" "${!MAYSEND_@}"
cd "$root"
if [[ ! ${SKIP_BUILD:-} ]]; then
    say "Building maysend ($build)"
    run_child swift build --configuration "$build" --product maysend >&2
    if [[ $what == beside ]]; then run_child swift build --configuration "$build" --product bench >&2; fi
fi
open_scratch
# The cluster's own user reads the lists of the measurement.
chmod 0755 "$scratch"
url=$("$cluster" start "$scratch/cluster" imports)
case $what in
bench) bench ;;
kill) kill_again ;;
beside) beside ;;
esac
