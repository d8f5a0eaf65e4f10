#!/bin/sh
# Pins requirements/*.in with hashes: what runs in Lambda, what is needed here, what the engines need.
set -eu
cd "$(dirname "$0")/.."
pin() {
    in=$1; out=$2; shift 2
    .venv/bin/uv pip compile -q --generate-hashes --no-header --python-version 3.11 "$@" "$in" -o "$out"
}
pin requirements/runtime.in requirements.txt --python-platform x86_64-manylinux2014
pin requirements/dev.in requirements/dev.txt
pin requirements/engines.in requirements/engines.txt
