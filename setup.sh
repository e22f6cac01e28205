#!/bin/sh
# Prepares this folder to run SFD: a virtual environment with everything that requirements.lock pins, and a private .env
# with fresh secrets. Run it as often as you like, from anywhere; when nothing changed it ends at once.
#
#   ./setup.sh            PYTHON=/path/to/python3 chooses the interpreter
set -eu
umask 022
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd "$ROOT"
UV_VERSION=0.13.8
DOWNLOAD="about 1.3 GB"
NEEDED_MB=4096
VENV=$ROOT/.venv
STAMP=$VENV/sfd-setup.stamp

say() { printf '%s\n' "$*" >&2; }
die() { say "setup: $1"; shift; for line in "$@"; do say "       $line"; done; exit 1; }

# A shim of a version manager can exist and still not run, so each candidate is tried.
find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
        [ "$candidate" = "${PYTHON:-}" ] && return 1
    done
    return 1
}

python=$(find_python) || die "no Python 3.11 or newer found (${PYTHON:-python3}: $("${PYTHON:-python3}" --version 2>&1 | tail -n 1))" \
    "Debian 12+, Ubuntu 24.04+: apt install python3 python3-venv" "or choose one: PYTHON=/path/to/python3 ./setup.sh"

want=$("$python" scripts/setup_stamp.py "$UV_VERSION")
env_file() { "$VENV/bin/python" -m stack.env_file "$ROOT/.env" >&2; }

if [ "$(cat "$STAMP" 2>/dev/null || true)" = "$want" ] && [ -x "$VENV/bin/python" ]; then
    env_file
    exit 0
fi

# Two set-ups of one folder take turns.
if command -v flock >/dev/null 2>&1 && [ "${SFD_SETUP_LOCKED:-}" != "$ROOT" ]; then
    SFD_SETUP_LOCKED=$ROOT exec flock "$ROOT/setup.sh" "$ROOT/setup.sh"
fi

"$python" -c 'import venv, ensurepip' 2>/dev/null || die "this Python cannot make virtual environments" \
    "Debian, Ubuntu: apt install python3-venv"

free_mb=$(df -Pm "$ROOT" | awk 'NR == 2 { print $4 }')
if [ ! -x "$VENV/bin/uv" ] && [ "$free_mb" -lt "$NEEDED_MB" ]; then
    die "$free_mb MB free here, $NEEDED_MB MB are needed" "free some space or move this folder"
fi

say "Setting up SFD in $VENV with $("$python" --version)."
[ -x "$VENV/bin/uv" ] || say "A first set-up downloads $DOWNLOAD of packages and needs 4 GB of disk; later ones only what changed."

version='import sys; print(sys.version_info[:3], sys.base_prefix)'
if [ "$("$VENV/bin/python" -c "$version" 2>/dev/null || true)" != "$("$python" -c "$version")" ]; then
    say "[1/4] virtual environment"
    "$python" -m venv --clear "$VENV"
fi

# uv does not read pip's configuration: give it the registry that pip was told to use.
pip_says() { "$VENV/bin/python" -m pip config get "global.$1" 2>/dev/null | tr '\n' ' ' || true; }
share() {
    eval "current=\${$1:-}"
    [ -n "$current" ] && return 0
    [ -n "$2" ] && export "$1=$2"
    return 0
}
share UV_DEFAULT_INDEX "${PIP_INDEX_URL:-$(pip_says index-url | tr -d ' ')}"
share UV_INDEX "${PIP_EXTRA_INDEX_URL:-$(pip_says extra-index-url)}"
share UV_FIND_LINKS "$(printf '%s' "${PIP_FIND_LINKS:-$(pip_says find-links)}" | tr -s ' ' ',')"
share UV_INSECURE_HOST "${PIP_TRUSTED_HOST:-$(pip_says trusted-host)}"
share SSL_CERT_FILE "${PIP_CERT:-$(pip_says cert | tr -d ' ')}"
share UV_HTTP_TIMEOUT 180
# The machine's own certificates know a company's proxy; a bare machine has none, and then uv's are used.
[ ! -s /etc/ssl/certs/ca-certificates.crt ] || share UV_SYSTEM_CERTS true

say "[2/4] uv $UV_VERSION"
if [ "$("$VENV/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" || die \
        "the package registry does not answer" "check the network or proxy (HTTPS_PROXY)," \
        "or name a mirror: PIP_INDEX_URL=https://mirror/simple ./setup.sh"
fi

rm -f "$STAMP"
say "[3/4] packages"
# The hashes in the lock decide what is accepted, whichever index has it.
"$VENV/bin/uv" pip sync --python "$VENV/bin/python" --require-hashes --index-strategy unsafe-best-match requirements.lock ||
    die "not all packages could be installed" "what was loaded is kept: run ./setup.sh again when the registry answers"

say "[4/4] the sfd command and .env"
packages=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n%s\n' "$ROOT" "$ROOT/gen" >"$packages/sfd.pth"
cat >"$VENV/bin/sfd" <<'SCRIPT'
#!/bin/sh
exec "$(dirname -- "$(readlink -f -- "$0")")/python" -m cli.main "$@"
SCRIPT
chmod 755 "$VENV/bin/sfd"
env_file
printf '%s\n' "$want" >"$STAMP"
say "Ready: \`make demo\`, or \`.venv/bin/sfd up\`."
