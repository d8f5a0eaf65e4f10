#!/bin/sh
# Installs what is missing into .venv, .venv-engines and node_modules; says what it does; repeats harmlessly.
# A stamp in each keeps the checksum of what was installed, so that a second run takes no time.
set -u
cd "$(dirname "$0")/.." || exit 1
UV_VERSION=0.13.9
LOG=.setup.log

fail() {
    printf 'Cannot set up: %s\n' "$1"
    [ -z "${MAKE_PID:-}" ] || kill -PIPE "$MAKE_PID" # why: local/failing.py
    exit 1
}
say() { printf '%s\n' "$1"; }

attempt() { # what, command...
    what=$1; shift
    "$@" >>"$LOG" 2>&1 || fail "$what did not work; the last lines of $LOG say why; then run it again"
}

find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"; return 0
        fi
    done
    return 1
}

need_python() {
    python=$(find_python) || fail "Python 3.11 or newer is missing: install it from your system's packages or python.org"
}

sum_of() { cat "$@" | cksum; }
fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

need_node() {
    command -v node >/dev/null 2>&1 || fail "Node 20 or newer is missing: install it from your system's packages or nodejs.org"
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        fail "Node $(node --version) is too old: install Node 20 or newer"
    command -v npm >/dev/null 2>&1 || fail "npm is missing: install it (it comes with Node from nodejs.org)"
}

: >"$LOG" 2>/dev/null || fail "this folder cannot be written"

cabinet() {
    want="$(sum_of web/package-lock.json local/setup.sh)"
    if ! fresh web/node_modules/.stamp "$want"; then
        say "Installing what builds the web cabinet into web/node_modules"
        attempt "npm ci in web" npm --prefix web ci --no-audit --no-fund
        printf '%s' "$want" >web/node_modules/.stamp
    fi

    want="$(find web/messages web/src web/public web/index.html web/*.plugin.ts web/texts.mjs web/vite.config.ts web/svelte.config.js web/package-lock.json -type f |
        LC_ALL=C sort | xargs cksum | cksum)"
    if ! fresh web/dist/.stamp "$want"; then
        say "Building the web cabinet into web/dist"
        attempt "Building the web cabinet" npm --prefix web run build
        printf '%s' "$want" >web/dist/.stamp
    fi
}
# A missing tool is told before anything begins.
fresh .venv/.stamp "$(sum_of requirements/dev.txt local/setup.sh)" || need_python
fresh web/node_modules/.stamp "$(sum_of web/package-lock.json local/setup.sh)" || need_node
# Beside the rest: it has the most to install, and needs nothing of what is installed below.
cabinet &
cabinet=$!
trap 'kill "$cabinet" 2>/dev/null' EXIT

want="$(sum_of requirements/dev.txt local/setup.sh)"
if ! fresh .venv/.stamp "$want" || ! .venv/bin/python -c '' 2>/dev/null; then
    need_python
    say "Installing the Python packages into .venv"
    rm -f .venv/.stamp
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        rm -rf .venv
        "$python" -m venv .venv >>"$LOG" 2>&1 || fail "$python has no venv: install its venv package (Debian: python3-venv)"
    fi
    attempt "Installing uv" .venv/bin/python -m pip install --quiet "uv==$UV_VERSION"
    attempt "Installing the packages of requirements/dev.txt" \
        .venv/bin/uv pip install --python .venv/bin/python --require-hashes -r requirements/dev.txt
    printf '%s' "$want" >.venv/.stamp
fi

want="$(sum_of requirements/engines.txt local/setup.sh)"
if ! fresh .venv-engines/.stamp "$want" || ! .venv-engines/bin/python -c '' 2>/dev/null; then
    say "Installing the embedded SQS, S3 and EventBridge into .venv-engines"
    rm -rf .venv-engines
    attempt "Making .venv-engines" .venv/bin/uv venv --python .venv/bin/python .venv-engines
    attempt "Installing the packages of requirements/engines.txt" \
        .venv/bin/uv pip install --python .venv-engines/bin/python --require-hashes -r requirements/engines.txt
    printf '%s' "$want" >.venv-engines/.stamp
fi

# The lock lists the package of Linux on x64 alone; on another system that system's is taken by name.
case "$(uname -s)" in Linux) system=linux ;; Darwin) system=darwin ;; *) system=win32 ;; esac
case "$(uname -m)" in x86_64 | amd64) machine=x64 ;; *) machine=arm64 ;; esac
engine="@dynoxide/$system-$machine"
want="$(sum_of package.json package-lock.json local/setup.sh) $engine"
if ! fresh node_modules/.stamp "$want" || [ ! -x "node_modules/$engine/dynoxide" ]; then
    need_node
    say "Installing the embedded DynamoDB into node_modules"
    attempt "npm ci" npm ci --no-audit --no-fund
    if [ ! -x "node_modules/$engine/dynoxide" ]; then
        version=$(node -p "require('./package.json').optionalDependencies['@dynoxide/linux-x64']")
        attempt "Installing $engine" npm install --no-save --no-package-lock --no-audit --no-fund "$engine@$version"
    fi
    [ -x "node_modules/$engine/dynoxide" ] || fail "$engine did not install; run it again"
    printf '%s' "$want" >node_modules/.stamp
fi

for domain in lkk mail; do
    for text in chalicelib/locales/*/LC_MESSAGES/$domain.po; do
        [ -f "$text" ] || continue
        if [ ! -f "${text%.po}.mo" ] || [ "$text" -nt "${text%.po}.mo" ]; then
            attempt "Compiling the texts" .venv/bin/pybabel compile -d chalicelib/locales -D $domain
            break
        fi
    done
done

wait "$cabinet" || exit 1
