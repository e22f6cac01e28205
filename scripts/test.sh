#!/bin/sh
# The one entry to the tests: the static checks, then pytest with the arguments given. Its last line is pytest's summary.
# Two workers: most of the time is spent waiting for real processes. Files stay whole, so that each has its servers to itself.
#
# SFD_TEST_PART names one part of everything, each at most nine minutes; `all` runs them one after the other and stops at the first that
# fails. Parts of faults run alone: what they measure is not the load of their neighbour.
set -eu
cd "$(dirname -- "$0")/.."
matrix="gateway story imaging video storage nats postgres s3"
outages="kill-30 kill-120 pause-30 pause-120"
vendors="exit postgres zombie"
parts="fast slow paying jobs films effects order poison"
for name in $vendors; do parts="$parts vendors-$name"; done
for name in $outages; do parts="$parts outage-$name"; done
for name in $matrix; do parts="$parts matrix-$name"; done

together() { .venv/bin/python -m pytest --quiet --numprocesses 2 --dist loadfile --durations 15 "$@"; }
alone() { .venv/bin/python -m pytest --quiet -rA --show-capture=no --durations 5 "$@"; }

part() {
    case $1 in
        fast) scripts/lint.sh; together -m "not slow" ;;
        slow) together -m slow --ignore tests/faults ;;
        paying) together -m slow tests/faults/test_paying_[!v]*.py tests/faults/test_kill9_*.py ;;
        vendors-*) alone -s tests/faults/test_paying_vendors.py -k "[${1#vendors-}]" ;;
        jobs) alone tests/faults/test_p1_accepted_jobs_lost.py -k hundred_faults ;;
        films) alone tests/faults/test_p1_accepted_jobs_lost.py -k paid_twice ;;
        effects) alone -m slow tests/faults/test_p3_effects_twice.py tests/faults/test_p4_updates_lost.py ;;
        order) alone -m slow tests/faults/test_p5_events_out_of_order.py tests/faults/test_p6_restarts_hurt.py ;;
        poison) alone tests/faults/test_p10_poison.py ;;
        outage-*) alone tests/faults/test_p7_outages_hurt.py -k "long_outage and ${1#outage-}" ;;
        matrix-*) alone tests/faults/test_p7_matrix.py -k "dies_with[${1#matrix-}-" ;;
        power) SFD_POWER_CUT=1 alone tests/faults/test_p1_power_cut.py ;;
        *) echo "no part $1; there are: all $parts power" >&2; exit 2 ;;
    esac
}

if [ -n "${SFD_TEST_PART:-}" ]; then
    [ "$SFD_TEST_PART" = all ] || { part "$SFD_TEST_PART"; exit; }
    for name in $parts; do
        printf '== %s\n' "$name"
        part "$name"
    done
    exit
fi
scripts/lint.sh
exec .venv/bin/python -m pytest --quiet --numprocesses 2 --dist loadfile --durations 15 "$@"
