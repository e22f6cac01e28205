#!/bin/sh
# Sets up what is missing and starts everything: the same as `make up`, without make.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd "$ROOT"
./setup.sh
exec .venv/bin/sfd up "$@"
