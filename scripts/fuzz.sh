#!/bin/sh
# The fuzzers at full length, one after the other. With the last line of each, docs/evidence/fuzz.md gets its totals.
set -eu
cd "$(dirname -- "$0")/.."
export SFD_FUZZ_EVIDENCE=1
for file in tests/system/storage/test_storage_fuzz.py tests/system/services/test_services_fuzz.py \
    tests/system/services/test_services_rest_fuzz.py; do
    .venv/bin/python -m pytest --quiet -m slow "$file"
done
