#!/usr/bin/env bash
# Starts the demo: embedded database, made-up customers, virtual chargers.
#   PORT=8080   another port      LAN=1   reachable from the local network, with a QR code for a phone
set -euo pipefail
export DEMO=1 PORT=${PORT:-8000} LAN=${LAN:-0} VAR_DIR=${VAR_DIR:-var}

if [ "$LAN" = 1 ] && [ -z "${PUBLIC_URL:-}" ]; then
    # asks the system which of our addresses leads outwards; nothing is sent
    address=$(.venv/bin/python -c '
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.connect(("192.0.2.1", 9))
    print(s.getsockname()[0])' 2>/dev/null || hostname -I | cut -d' ' -f1)
    if [ -z "$address" ]; then
        echo "This machine has no address on a local network; start without LAN=1, or set PUBLIC_URL." >&2
        exit 1
    fi
    export PUBLIC_URL="http://$address:$PORT"
fi
if [ "$LAN" = 1 ]; then
    .venv/bin/qr --ascii "$PUBLIC_URL"
    echo "Scan to open $PUBLIC_URL on a phone in the same network. Everybody in it can use this demo."
fi

# Fill the demo once, and look again after a new migration. Both commands do nothing when there is nothing to do, but
# not to start them saves seconds.
shape=$({ echo "${DATABASE_URL:-embedded}"; ls migrations/versions/*.py; } | sha256sum)
is_ready() {
    [ "$(cat "$VAR_DIR/.demo-ready" 2>/dev/null)" = "$shape" ] && [ -n "${DATABASE_URL:-}" -o -f "$VAR_DIR/platform.db" ]
}
if ! is_ready; then
    .venv/bin/python wsgi.py migrate
    .venv/bin/python wsgi.py demo
    echo "$shape" >"$VAR_DIR/.demo-ready"
fi
exec .venv/bin/python wsgi.py serve
