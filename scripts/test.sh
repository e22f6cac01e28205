#!/bin/sh
# The one entry to the tests: the static checks, then pytest with the arguments given. Its last line is pytest's summary.
# Two workers: most of the time is spent waiting for real processes. Files stay whole, so that each has its servers to itself.
set -eu
cd "$(dirname -- "$0")/.."
scripts/lint.sh
exec .venv/bin/python -m pytest --quiet --numprocesses 2 --dist loadfile --durations 15 "$@"
