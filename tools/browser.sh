#!/bin/sh
# Prints the path of a Chromium for the browser tests, after making sure of it and of a font with Chinese letters.
# Where root has apt-get, what is missing is installed; elsewhere the words on standard error say how to.
# Exits with 1 if there is no browser.
set -u

say() { printf '%s\n' "browser: $*" >&2; }

find_browser() {
  if [ -n "${MILKRUN_CHROME:-}" ]; then
    if command -v "$MILKRUN_CHROME"; then return 0; fi
    say "MILKRUN_CHROME is $MILKRUN_CHROME, which cannot be run"
    return 1
  fi
  for name in chromium chromium-browser google-chrome google-chrome-stable chrome headless-shell headless_shell \
    chrome-headless-shell /headless-shell/headless-shell \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if command -v "$name" 2>/dev/null; then return 0; fi
  done
  return 1
}

# macOS always has such fonts. fc-list belongs to fontconfig, which Chromium needs anyway.
has_chinese_font() {
  [ "$(uname)" = Darwin ] && return 0
  command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh family 2>/dev/null | head -n 1)" ]
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

install_packages() {
  say "installing $*"
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  log=$(mktemp)
  if { apt-get update && apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
    rm -f "$log"
    return 0
  fi
  tail -n 20 "$log" >&2
  rm -f "$log"
  say "apt-get could not install $*"
  return 1
}

want=""
find_browser >/dev/null 2>&1 || want="chromium"
has_chinese_font || want="$want fonts-noto-cjk fontconfig"
if [ -n "$want" ]; then
  if [ -z "${MILKRUN_CHROME:-}" ] && can_install; then
    # shellcheck disable=SC2086 # one argument a package
    install_packages $want || true
  fi
fi

if ! path=$(find_browser); then
  say "no Chromium or Chrome found, which the browser tests need:"
  say "  Debian:  sudo apt-get install chromium fonts-noto-cjk"
  say "  Ubuntu, Fedora and others: install Google Chrome or Chromium, and Noto Sans CJK"
  say "  macOS:   brew install --cask chromium"
  say "or set MILKRUN_CHROME to its path"
  exit 1
fi
if ! has_chinese_font; then
  say "no font with Chinese letters found: pictures of pages will show boxes (sudo apt-get install fonts-noto-cjk)"
fi
printf '%s\n' "$path"
