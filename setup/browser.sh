# To be sourced. Where the tests' browser comes from: the system's Chromium, or the one that Playwright fetches
# (Ubuntu's own is a snap, which sees no temporary folders).
has_browser() {
    local name
    for name in chromium google-chrome; do
        [[ $(readlink -f "$(command -v "$name")" 2>/dev/null) == /*/snap* ]] && continue
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    compgen -G "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}/chromium*" >/dev/null
}
is_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }
