# shellcheck shell=bash
# What a fresh Debian 12 lacks, said before it is installed.

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

missing=()
reasons=()

# need PACKAGE REASON TEST…: remembers PACKAGE as missing if the command TEST fails.
need() {
    local package=$1 reason=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        missing+=("$package")
        reasons+=("$reason")
    fi
}

need_to_build() {
    need git "Swift's package manager fetches with it" command -v git
    need ca-certificates "so that it can trust what it fetches from" test -e /etc/ssl/certs/ca-certificates.crt
    need libc6-dev "the C headers" test -e /usr/include/stdlib.h
    need libstdc++-12-dev "the C++ headers that swift-crypto is built with" compgen -G '/usr/lib/gcc/*/*/libstdc++.so'
    need binutils "the linker" command -v ld
    need zlib1g-dev "the header of zlib, for compressed HTTP" test -e /usr/include/zlib.h
    need libpq-dev "PostgreSQL's client library and its header" test -e /usr/include/postgresql/libpq-fe.h
    need pkg-config "finds libpq for the build" command -v pkg-config
    need tzdata "time zones, which policies name" test -e /usr/share/zoneinfo/Europe/Stockholm
}

need_cluster() {
    need postgresql-15 "PostgreSQL 15 for a private cluster; no system cluster is made or touched" \
        test -x "$postgres_bin/postgres"
}

need_client() { need postgresql-client-15 "psql, to look at the database you named" test -x "$postgres_bin/psql"; }

need_curl() { need curl "asks the running service, as the printed commands do" command -v curl; }

need_python() {
    need python3-venv "a Python of the tests' own, for schemathesis" /usr/bin/python3 -c 'import ensurepip, venv'
}

need_browser() {
    need chromium "looks at the recipients' pages in the tests, headless" command -v chromium
    need chromium-driver "drives it" command -v chromedriver
    need fonts-liberation "letters for its screenshots" compgen -G '/usr/share/fonts/truetype/liberation*/*.ttf'
}

need_shellcheck() { need shellcheck "reads the shell scripts" command -v shellcheck; }

# Says what is missing and why, then installs it; refuses with the command to type where it can't.
install_needed() {
    local index log=$local_dir/apt.log command as_root=() ID='' VERSION_ID=''
    ((${#missing[@]})) || return 0
    say "Missing from this machine, and installed now with apt-get:"
    for index in "${!missing[@]}"; do note "$(printf '%-22s %s' "${missing[index]}" "${reasons[index]}")"; done
    command="apt-get install --no-install-recommends ${missing[*]}"
    # shellcheck disable=SC1091
    if [[ -r /etc/os-release ]]; then . /etc/os-release; fi
    if [[ $ID != debian || $VERSION_ID != 12 ]]; then
        die "packages are installed by themselves on Debian 12 only, and this is ${ID:-unknown} ${VERSION_ID}." \
            "Install what is listed above by hand (binaries of PostgreSQL 15 in $postgres_bin) and try again."
    fi
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            die "installing needs root, and there is no sudo." "Let root run: $command" "and then try again."
        if ! sudo -n true 2>/dev/null && [[ ! -t 0 ]]; then
            die "installing needs root, and sudo asks for a password where nobody can type one." \
                "Let root run: $command" "and then try again."
        fi
        as_root=(sudo)
    fi
    "${as_root[@]}" bash "$root/deploy/dev/install.sh" "${missing[@]}" >"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        die "apt-get could not install them; the whole of what it said is in $log." \
            "Mend that (a network, a package source) or let root run: $command" "and then try again."
    }
    missing=()
    reasons=()
}

has_library() { [[ $(/sbin/ldconfig -p) == *"$1 "* ]]; }

# Swift is the one thing that has to be there already; the libraries that it runs with may have been forgotten.
require_swift() {
    local said
    command -v swift >/dev/null ||
        die "there is no swift on PATH." "Install Swift 6.2 or newer (https://www.swift.org/install/linux/debian/)" \
            "and open a new shell; under sudo the PATH is root's own."
    need libncurses6 "Swift's tools run with it" has_library libncurses.so.6
    need libsqlite3-0 "Swift's tools run with it" has_library libsqlite3.so.0
    need libcurl4 "Swift's tools run with it" has_library libcurl.so.4
    need libxml2 "Swift's tools run with it" has_library libxml2.so.2
    install_needed
    said=$(swift --version 2>&1) || die "swift --version failed:" "$said"
    [[ $said =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || die "swift --version says no version:" "$said"
    ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= 6002)) ||
        die "Swift ${BASH_REMATCH[1]}.${BASH_REMATCH[2]} is too old: 6.2 or newer is needed." "$(command -v swift)"
}
