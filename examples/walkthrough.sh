#!/bin/sh
# Walks one drama through the API with nothing but curl: create, plan, edit a scene's prompt, execute with a ceiling, cancel one
# step, resume, stitch, and a webhook that is received and verified.
#
#   SFD_EGRESS_ALLOW=127.0.0.1 make up
#   examples/walkthrough.sh http://127.0.0.1:8000
#
# SFD_EGRESS_ALLOW lets webhooks reach this machine. API_KEY is sent when it is set. It ends with 1 at the first answer that is not as told.
set -eu
BASE=${1:-http://127.0.0.1:8000}
cd "$(dirname -- "$0")/.."
PYTHON=${PYTHON:-.venv/bin/python}
PORT=${RECEIVER_PORT:-9009}
FOLDER=$(mktemp -d)
export SFD_WEBHOOK_SECRET_FILE="$FOLDER/secret"
DRAMA=walk-$(date +%s)

# api METHOD PATH STATUS [JSON]: prints the call, checks the status, leaves the answer in $FOLDER/answer.
api() {
    method=$1 path=$2 wanted=$3 body=${4:-}
    printf '\n$ curl -X %s %s%s\n' "$method" "$path" "${body:+ -d '$body'}"
    set -- --silent --show-error --request "$method" --output "$FOLDER/answer" --write-out '%{http_code}'
    [ -z "${API_KEY:-}" ] || set -- "$@" --header "X-API-Key: $API_KEY"
    [ -z "$body" ] || set -- "$@" --header 'Content-Type: application/json' --data "$body"
    got=$(curl "$@" --header 'Prefer: wait=30' "$BASE$path")
    printf '  %s ' "$got"
    head -c 300 "$FOLDER/answer"; echo
    [ "$got" = "$wanted" ] || { echo "expected $wanted"; exit 1; }
}
# get EXPRESSION: a Python expression over the last answer, `a`.
get() { "$PYTHON" -c 'import json,sys; a=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$FOLDER/answer" "$1"; }
# until_done PATH: polls a job until it has ended.
until_done() {
    while :; do
        api GET "$1" 200 >"$FOLDER/log"
        case $(get "a['status']") in pending|processing) ;; *) break ;; esac
    done
    cat "$FOLDER/log"
}

"$PYTHON" examples/webhook_receiver.py "$PORT" >"$FOLDER/received" 2>&1 &
RECEIVER=$!
trap 'kill $RECEIVER 2>/dev/null || true; rm -rf "$FOLDER"' EXIT

echo '## A webhook for the ends of jobs'
api POST /webhooks 201 "{\"url\": \"http://127.0.0.1:$PORT/sfd\", \"events\": [\"run.*\"], \"dramaId\": \"$DRAMA\"}"
get "a['secret']" >"$SFD_WEBHOOK_SECRET_FILE"
HOOK=$(get "a['id']")

echo; echo '## Create'
api POST /dramas 202 "{\"premise\": \"A night ferry's steward counts one passenger too many. 1 episode\", \"id\": \"$DRAMA\", \"scenes\": true}"
until_done "/dramas/$DRAMA/jobs/$(get "a['jobId']")"
[ "$(get "a['status']")" = completed ]

echo; echo '## Plan'
api POST "/dramas/$DRAMA/plan" 200 '{}'
echo "  $(get "str(len(a['steps'])) + ' steps, at least ' + str(round(a['critical_path_seconds'])) + ' s, \$' + str(a['price_usd'])")"

echo; echo '## Edit the prompt of a scene'
api GET "/dramas/$DRAMA/episodes" 200
EPISODE=$(get "a['episodes'][0]['id']") SCENE=$(get "a['episodes'][0]['scenes'][0]['id']")
ASSET=$(get "a['episodes'][0]['scenes'][0]['assets'][0]['id']")
api PATCH "/dramas/$DRAMA/episodes/$EPISODE/scenes/$SCENE/assets/$ASSET" 200 \
    '{"prompt": "The empty deck at night, one lamp, one shadow too many"}'

echo; echo '## Execute, with a ceiling of nothing at all: the local makers cost nothing'
api POST "/dramas/$DRAMA/execute" 202 '{"ceiling_usd": 0}'
RUN=$(get "a['parent_job_id']")

echo; echo '## Cancel one step'
api GET "/dramas/$DRAMA/jobs/$RUN" 200
STEP=$(get "[j['job_id'] for j in a['result']['jobs'] if j['kind'] == 'video.clip'][-1]")
api POST "/dramas/$DRAMA/jobs/$STEP/cancel" 200
until_done "/dramas/$DRAMA/jobs/$RUN"
echo "  $(get "str(a['result']['completed_jobs']) + ' completed, ' + str(a['result']['failed_jobs']) + ' failed: ' + str(a['error'])[:100]")"

echo; echo '## Resume: only what is not there'
api POST "/dramas/$DRAMA/resume" 202 '{}'
until_done "/dramas/$DRAMA/jobs/$(get "a['parent_job_id']")"
[ "$(get "a['status']")" = completed ]
echo "  $(get "str(sum(j['reused'] for j in a['result']['jobs'])) + ' steps reused, ' + str(sum(not j['reused'] for j in a['result']['jobs'])) + ' made'")"

echo; echo '## Stitch'
api POST "/dramas/$DRAMA/episodes/$EPISODE/stitch" 202
until_done "/dramas/$DRAMA/jobs/$(get "a['jobId']")"
[ "$(get "a['status']")" = completed ]
api GET "/dramas/$DRAMA/episodes/$EPISODE" 200
echo "  $(get "a['url']")"

echo; echo '## What the webhook brought, verified by its receiver'
for _ in 1 2 3 4 5 6 7 8 9 10; do [ "$(grep -c 'verified.*run.succeeded' "$FOLDER/received")" -ge 3 ] && break; sleep 1; done
cat "$FOLDER/received"
grep -q 'verified.*run.succeeded' "$FOLDER/received"
! grep -q refused "$FOLDER/received"
api DELETE "/webhooks/$HOOK" 200
