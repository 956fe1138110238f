#!/usr/bin/env bash
# Makes .venv from the lock file and static/lib from package-lock.json.
# Each step runs only when what it is made from has changed, so a second start is fast.
#   setup/packages.sh run     what the program needs
#   setup/packages.sh test    also the tools of the developers
set -euo pipefail
source setup/find_python.sh
source setup/browser.sh
lock=requirements.lock
[ "${1:-run}" = test ] && lock=requirements-dev.lock

hash_of() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# --- Python
pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes)
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    rm -rf .venv
    "$(find_python)" -m venv .venv
fi
hash=$(hash_of "$lock")
if ! stamped ".venv/$lock.stamp" "$hash"; then
    echo "Installing Python packages"
    "${pip[@]}" -r "$lock"
    echo "$hash" >".venv/$lock.stamp"
    # the developers' lock contains the program's
    [ "$lock" = requirements.lock ] || hash_of requirements.lock >.venv/requirements.lock.stamp
fi

# --- the tests' browser, where the system's package is of no use
if [ "${1:-run}" = test ] && ! has_browser; then
    .venv/bin/playwright install --with-deps chromium
fi

# --- browser libraries
hash=$(hash_of package.json package-lock.json setup/copy_frontend.py setup/icons.txt)
if ! stamped static/lib/.stamp "$hash"; then
    echo "Fetching browser libraries"
    npm=npm
    if ! command -v npm >/dev/null 2>&1 || ! npm --version >/dev/null 2>&1; then
        "${pip[@]}" -r requirements-node.lock
        export PATH="$PWD/.venv/bin:$PATH"
    fi
    "$npm" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    .venv/bin/python setup/copy_frontend.py
    echo "$hash" >static/lib/.stamp
fi
