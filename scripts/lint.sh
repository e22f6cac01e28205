#!/bin/sh
# Every check that needs no running program, cheapest first; stops at the first that fails.
set -eu
cd "$(dirname -- "$0")/.."
bin=$PWD/.venv/bin
step() {
    name=$1; shift
    if output=$("$@" 2>&1); then printf 'ok   %s\n' "$name"; else printf 'FAIL %s\n%s\n' "$name" "$output"; exit 1; fi
}
code=''
for folder in kit services cli stack simulator scripts bench tests; do [ -d "$folder" ] && code="$code $folder"; done
shipped=''
for folder in kit services cli stack simulator; do [ -d "$folder" ] && shipped="$shipped $folder"; done
# Each $code and $shipped is a list of folders on purpose.
# shellcheck disable=SC2086
{
    step "ruff check" "$bin/ruff" check --quiet $code
    step "ruff format" "$bin/ruff" format --quiet --check $code
    step "generated code is fresh" "$bin/python" scripts/proto.py --check
    step "openapi.yaml is fresh and breaks nothing" "$bin/python" scripts/openapi.py --check
    step "buf format" "$bin/buf" format --diff --exit-code
    step "buf lint" "$bin/buf" lint
    step "buf breaking" "$bin/buf" breaking --against protos/released.binpb
    step "import boundaries" "$bin/lint-imports" --config pyproject.toml
    # ruff's S rules are bandit's, with a reason beside each exception; what bandit itself calls grave has none.
    step "bandit" "$bin/bandit" --quiet --recursive --severity-level high $shipped
    step "mypy --strict" "$bin/mypy" $code
}
