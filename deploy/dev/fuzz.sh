#!/usr/bin/env bash
# `make fuzz`: feeds the readers of lists with what libFuzzer thinks up from the examples, for FUZZ_SECONDS (60 unless said),
# and ends with an error at the first trap, at the first input that takes longer than a second, or at the first one whose
# outcome depends on how it was cut into pieces. What it found stays in .local/fuzz; a finding can be run again with
# .local/fuzz/reader FILE.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

seconds=${FUZZ_SECONDS:-60}
[[ $seconds =~ ^[1-9][0-9]{0,4}$ ]] || die "FUZZ_SECONDS is a number of seconds, 1 to 99999."
folder=$local_dir/fuzz
built=$root/.build/debug
inputBytesMax=20000

claim_clone
need_to_build
install_needed
require_swift
end_in_order

say "Building the room under the readers (debug)"
run_child swift build --ignore-lock --package-path "$root" --target Formats >&2

say "Building the readers with libFuzzer"
# The headers of the C libraries under the room, by the maps that the build made or that came with them.
maps=()
while read -r map; do maps+=(-Xcc "-fmodule-map-file=$map"); done < <(
    for library in CCryptoBoringSSL CCryptoBoringSSLShims CXKCP CXKCPShims CYaml; do
        find "$built/$library.build" "$root"/.build/checkouts/*/Sources/"$library" -name module.modulemap 2>/dev/null |
            head -n 1
    done
)
mkdir -p "$folder/corpus"
mapfile -t sources < <(find "$root/Sources/Formats" -name '*.swift' | sort)
mapfile -t objects < <(
    for room in Rules Crypto CryptoExtras CryptoBoringWrapper CCryptoBoringSSL CCryptoBoringSSLShims CXKCP CXKCPShims \
        SwiftASN1 Yams CYaml; do
        find "$built/$room.build" -name '*.o' 2>/dev/null
    done | sort
)
run_child swiftc -O -parse-as-library -sanitize=fuzzer -swift-version 6 -module-name Readers \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility -I "$built/Modules" -I "$root/Sources/CZlib" "${maps[@]}" \
    -o "$folder/reader" "$root/deploy/dev/fuzz/ReaderFuzz.swift" "${sources[@]}" "${objects[@]}" -lz -lstdc++

say "Fuzzing for $seconds seconds, from the examples"
run_child "$folder/reader" -max_total_time="$seconds" -max_len="$inputBytesMax" -timeout=1 -rss_limit_mb=2048 \
    -artifact_prefix="$folder/" -print_final_stats=1 "$folder/corpus" "$root/deploy/examples"
say "Nothing found. What was tried lies in $folder/corpus."
