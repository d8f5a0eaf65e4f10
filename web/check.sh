#!/bin/sh
# The cabinet's own checks; a contract that moved on without its types is told first.
set -eu
cd "$(dirname "$0")"
(cd .. && .venv/bin/python -m local.contract build/openapi.json)
npm run --silent types:check ||
    { echo "web/src/api/schema.d.ts is older than the API: run npm --prefix web run types"; exit 1; }
npm run --silent texts:check
npm run --silent check
npm run --silent test
node size.mjs
