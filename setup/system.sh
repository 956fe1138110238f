#!/usr/bin/env bash
# Looks for the system packages that pip cannot bring, and installs what is missing through apt.
#   setup/system.sh run     what the program needs
#   setup/system.sh test    also browser, PostgreSQL, Redis and three proxies for the tests
set -euo pipefail
purpose=${1:-run}
source setup/find_python.sh
source setup/browser.sh

libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
has_library() { [[ $libraries == *"$1"* ]]; }
has_command() { command -v "$1" >/dev/null 2>&1; }
has_postgresql() { has_command initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

missing=()
python=$(find_python)
if [ -z "$python" ]; then
    missing+=(python3 python3-venv)
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
fi
has_library libpango-1.0.so.0 || missing+=(libpango-1.0-0)
has_library libpangoft2-1.0.so.0 || missing+=(libpangoft2-1.0-0)
has_library libharfbuzz-subset.so.0 || missing+=(libharfbuzz-subset0)
if [ "$purpose" = test ]; then
    has_browser || is_ubuntu || missing+=(chromium)
    has_postgresql || missing+=(postgresql)
    has_command redis-server || missing+=(redis-server)
    for proxy in haproxy nginx caddy; do
        has_command $proxy || [ -x /usr/sbin/$proxy ] || missing+=($proxy)
    done
fi

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if ! has_command apt-get; then
        echo "Missing on this system: ${missing[*]} (Debian's names). Please install them, then run the command again." >&2
        exit 1
    elif [ "$(id -u)" != 0 ]; then
        if ! has_command sudo || ! sudo -n true 2>/dev/null; then
            echo "Missing on this system. Please run: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo -n)
    fi
    echo "Installing ${missing[*]}"
    # RUNLEVEL=1: a freshly installed database server is not started; the tests start their own
    install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o Dpkg::Use-Pty=0)
    "${install[@]}" update >/dev/null
    "${install[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
    python=$(find_python)
fi
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed; this system has $(python3 --version 2>&1)." >&2
    exit 1
fi
