#!/bin/sh
# The fuzzers at full length, in parts of at most nine minutes: those named as arguments, else all. Each appends its totals to
# docs/evidence/fuzz.md when nothing failed.
set -eu
cd "$(dirname -- "$0")/.."
export SFD_FUZZ_EVIDENCE=1
run() { .venv/bin/python -m pytest --quiet -m slow "$@"; }
rest() { run tests/system/services/test_services_rest_fuzz.py -k "$1"; }

[ $# -gt 0 ] || set -- storage services rest-get rest-post rest-others
for part; do
    printf '== %s\n' "$part"
    case $part in
        storage) run tests/system/storage/test_storage_fuzz.py ;;
        services) run tests/system/services/test_services_fuzz.py ;;
        rest-get) rest 'word[get-' ;;
        rest-post) rest 'word[post-' ;;
        rest-others) rest 'not word[get- and not word[post-' ;;
        *) echo "no part $part; there are: storage services rest-get rest-post rest-others" >&2; exit 2 ;;
    esac
done
