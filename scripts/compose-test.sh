#!/bin/sh
# Builds the image, runs the whole stack with docker compose, makes a film through the edge and takes everything down again.
set -eu
cd "$(dirname -- "$0")/.."
exec python3 scripts/compose_test.py "$@"
