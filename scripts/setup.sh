#!/usr/bin/env bash
# First step of `npm test` (with --test) and `npm run demo` (with --demo): makes a fresh clone ready.
#   --demo   no install scripts run, so no compiler is needed; native modules stay away
#   --test   native modules are built; on Debian, as root or with sudo, missing packages are installed
# Safe to run again: what is there is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

mode="${1:---test}"
say() { printf '%s\n' "$*" >&2; }

node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 17)) {
    console.error(`topaz needs Node 20.17 or later; this is ${process.version}`);
    process.exit(3);
  }'

stamp=node_modules/.topaz-setup
want="$(cat package-lock.json package.json | cksum) $(node -p process.versions.modules)"
have="$(cat "$stamp" 2>/dev/null || true)"

if [ "${have% *}" != "$want" ]; then
  say "setup: installing the packages of the lock file"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  have="$want plain"
  printf '%s\n' "$have" > "$stamp"
fi

if [ "$mode" = --test ] && [ "${have##* }" != native ]; then
  say "setup: building the native modules"
  npm rebuild --foreground-scripts=false --loglevel=error pkcs11js better-sqlite3 esbuild @swc/core >&2 \
    || say "setup: a native module could not be built; what needs it will say so"
  printf '%s native\n' "$want" > "$stamp"
fi

if [ "$mode" = --test ] && [ -r /etc/debian_version ]; then
  packages="softhsm2 xmlsec1 libxml2-utils openssl default-jdk-headless libxml-security-java
    libslf4j-java libcommons-codec-java libbcprov-java libbcpkix-java libbcmail-java libbcutil-java
    bc zsh fish pcscd vsmartcard-vpcd opensc opensc-pkcs11 python3 strace gnome-keyring dbus-daemon dbus-bin"
  missing=""
  for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
  done
  if [ -n "$missing" ]; then
    root=""
    [ "$(id -u)" = 0 ] || root="sudo -n"
    say "setup: installing Debian packages:$missing"
    # shellcheck disable=SC2086
    { $root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 \
      || say "setup: some Debian packages could not be installed; the tests that need them will say so"
  fi
fi

if [ ! -f dist/main.js ] || [ -n "$(find src bin scripts/build.mjs package.json -newer dist/main.js -type f -print -quit)" ]; then
  say "setup: building"
  node scripts/build.mjs
fi
