#!/bin/sh
# The one entry to the tests: the static checks, then pytest with the arguments given. Its last line is pytest's summary.
set -eu
cd "$(dirname -- "$0")/.."
scripts/lint.sh
exec .venv/bin/python -m pytest "$@"
