# shellcheck shell=bash
# What `make run` puts into a database of its own, once, and the commands it prints. Sourced by run.sh after packages.sh.

controller=stratsys-ab
policy=$root/deploy/policies/stratsys.yaml
leads=$root/deploy/demo/leads.csv
demo_env=$local_dir/demo.env

query() { "$postgres_bin/psql" --no-psqlrc --quiet --tuples-only --no-align --dbname="$MAYSEND_DATABASE_URL" -c "$1"; }

require_database() {
    local said
    said=$(query 'select 1' 2>&1) || die "MAYSEND_DATABASE_URL can't be used:" "$said"
}

# What was done to a database is remembered in a folder named after that very database, so that a new one under the same
# URL starts from the beginning. A database of the user's with tables we know nothing of is in use: only its schema is
# brought up to date.
find_demo_folder() {
    local identity count
    identity=$(query "select s.system_identifier, d.oid from pg_control_system() s, pg_database d
        where d.datname = current_database()" | sha256sum)
    demo=$local_dir/demo/${identity:0:12}
    if [[ -d $demo || $cluster_wanted ]]; then
        mkdir -p "$demo"
        return
    fi
    count=$(query "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')")
    if ((count)); then demo=; else mkdir -p "$demo"; fi
}

# The key is shown once, so it is kept before anything else happens. Its name is new each time: a run that was killed
# between making a key and keeping it has used a name up.
make_key() {
    local key scopes=(--scope check --scope write --scope import --scope subject --scope admin)
    key=$("$binary" key create --controller "$controller" --name "demo-$(date -u +%Y%m%d%H%M%S)" "${scopes[@]}")
    [[ $key == msk_* && $key != *[!A-Za-z0-9_-]* ]] || die "maysend key create printed no key."
    (umask 077 && printf '%s\n' "$key" >"$demo/key.new")
    mv "$demo/key.new" "$demo/key"
}

# The demo's verdicts carry links, and an opt-out while the database is away is kept on the disk.
prepare_links() {
    export MAYSEND_PUBLIC_URL=${MAYSEND_PUBLIC_URL:-$url} MAYSEND_SPOOL=${MAYSEND_SPOOL:-$demo/spool}
    export MAYSEND_LINK_KEYS=${MAYSEND_LINK_KEYS:-$demo/links}
    [[ -e $MAYSEND_LINK_KEYS ]] || "$binary" key rotate-links --first >&2
}

prepare_demo() {
    find_demo_folder
    if [[ ! -e $MAYSEND_PEPPER_FILE ]]; then
        [[ $demo ]] || die "that database is in use, so it has a pepper already: name its file in MAYSEND_PEPPER_FILE."
        "$binary" pepper create "$MAYSEND_PEPPER_FILE" >&2
    fi
    "$binary" migrate >&2
    if [[ $cluster_wanted ]]; then install_step_back; fi
    if [[ ! $demo ]]; then
        say "That database was in use before, so no policy, key or demo lead goes into it."
        return
    fi
    "$binary" policy apply "$policy" >&2
    [[ -e $demo/key ]] || make_key
    prepare_links
    if [[ ! -e $demo/imported ]]; then
        say "Importing the demo leads, deploy/demo/leads.csv"
        "$binary" import "$leads" --controller "$controller" --source demo --collected-at "$(date -u +%F)" >&2
        : >"$demo/imported"
    fi
}

write_demo_env() {
    [[ $demo ]] || return 0
    (umask 077 && cat >"$demo_env.new") <<END
# For the shell: written anew by each make run.
export MAYSEND_URL='$url'
export MAYSEND_API_KEY='$(cat "$demo/key")'
END
    mv "$demo_env.new" "$demo_env"
}

# The answer to one check. It changes nothing. The key goes through a file, not through the list of processes.
check() {
    curl --noproxy '*' -sS -m 5 -H @<(echo "Authorization: Bearer $(cat "$demo/key")") \
        --json "{\"address\":\"$1\",\"purpose\":\"newsletter\"}" "$url/v1/eligibility"
}

# A demo lead who hasn't opted out in an earlier run; the first one if all have.
choose_lead() {
    local address
    while read -r address; do
        answer=$(check "$address") || answer=none
        if [[ $answer =~ \"eligible\"\ *:\ *true ]]; then
            lead=$address
            return
        fi
    done < <(cut -d ';' -f 1 "$leads" | grep -E '^[a-z.]+@[a-z.]+$')
    lead=$(sed -n '2s/;.*//p' "$leads")
    answer=$(check "$lead") || answer=none
}

print_commands() {
    local source_env lead answer page authorization="-H \"Authorization: Bearer \$MAYSEND_API_KEY\""
    echo
    echo "maysend is up: $url   (API: $url/docs, its log: ${server_log#"$root/"}, stop: Ctrl-C)"
    if [[ ! $demo ]]; then
        echo "A key for it: .build/$configuration/maysend key create --help"
        return
    fi
    choose_lead
    page=$(sed -nE 's/.*"unsubscribe":"([^"]+)".*/\1/p' <<<"$answer")
    source_env=". $(printf '%q' "$demo_env")"
    cat <<END

Three commands to paste into another terminal, in this order:

# 1. May the newsletter go to $lead now?
$source_env; curl -sS -w '\n' $authorization --json '{"address":"$lead","purpose":"newsletter"}' "\$MAYSEND_URL/v1/eligibility"
#    just answered: $answer

# 2. The person opts out.
$source_env; curl -sS -w '\n' $authorization --json '{"address":"$lead","reason":"unsubscribed"}' "\$MAYSEND_URL/v1/register"
#    will answer, once that is on disk: the entry's receipt${page:+
#    or as they would, on the page behind the link that command 1 hands out: $page}

# 3. The first question again.
$source_env; curl -sS -w '\n' $authorization --json '{"address":"$lead","purpose":"newsletter"}' "\$MAYSEND_URL/v1/eligibility"
#    will answer: "eligible":false with "reason":"unsubscribed"

END
    [[ ! $answer =~ \"eligible\"\ *:\ *false ]] ||
        echo "No lead of the demo list is eligible any more; when stopped, rm -rf .local starts afresh."
}
