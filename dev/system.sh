#!/bin/sh
# System packages by purpose: `sh dev/system.sh venv|redis|tests`.
# As root on Debian and Ubuntu what is missing is installed; otherwise it is named in one line.
set -eu

has_chromium() {  # not named like a program: `command -v` would find the function
    for name in chromium chromium-browser google-chrome chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    ls -d "${PLAYWRIGHT_BROWSERS_PATH:-${HOME:-/nonexistent}/.cache/ms-playwright}"/chromium* >/dev/null 2>&1
}

# Ubuntu has a snap instead of a package: there Playwright brings its own.
apt_has_chromium() {
    ! command -v apt-cache >/dev/null 2>&1 || apt-cache policy chromium 2>/dev/null | grep -q 'Candidate: [0-9]' ||
        ! grep -q '^ID=ubuntu' "${OS_RELEASE:-/etc/os-release}" 2>/dev/null
}

has_font() {
    find /usr/share/fonts /usr/local/share/fonts "${HOME:-/nonexistent}/.fonts" -iname "$1" 2>/dev/null | grep -q .
}

has_redis() {
    command -v redis-server >/dev/null 2>&1 || command -v valkey-server >/dev/null 2>&1
}

wanted=""
browser=""
need() { wanted="$wanted $1"; }

case "$1" in
venv) need "python${2:-3}-venv" ;;
redis) has_redis || need redis-server ;;
tests)
    has_redis || need redis-server
    has_chromium || if apt_has_chromium; then need chromium; else browser=playwright; fi
    has_font 'NotoSansCJK*' || need fonts-noto-cjk
    has_font 'NotoColorEmoji*' || need fonts-noto-color-emoji
    ;;
*)
    echo "usage: dev/system.sh venv|redis|tests" >&2
    exit 2
    ;;
esac

install_browser() {
    [ -n "$browser" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "✗ No Chromium: install it (as root: .venv/bin/python -m playwright install --with-deps chromium)." >&2
        exit 1
    fi
    echo "Installing Chromium by Playwright"
    .venv/bin/python -m playwright install --with-deps chromium
}

[ -n "$wanted" ] || { install_browser; exit 0; }
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "✗ Missing system packages: install$wanted (as root: apt-get install$wanted)." >&2
    exit 1
fi
echo "Installing system packages:$wanted"
log=$(mktemp)
# RUNLEVEL=1: a server that gets installed is not started as a service
install() {
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends $wanted >"$log" 2>&1
}
if ! install && ! { apt-get update >"$log" 2>&1 && install; }; then
    tail -n 5 "$log" >&2
    echo "✗ apt-get could not install$wanted: see the lines above." >&2
    exit 1
fi
rm -f "$log"
install_browser
