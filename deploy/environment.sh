# What the scripts beside this file share: finding Swift, installing what is missing, building.
# Sourced, not run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
fail() {
  printf 'vigie: %s\n' "$*" >&2
  exit 4
}

# Fails with one sentence unless Swift 6.3 or newer is there.
need_swift() {
  local mend='install Swift 6.3 or newer for Debian 12 from https://www.swift.org/install/linux, open a new terminal and run this again'
  command -v swift >/dev/null 2>&1 || fail "Swift is not installed: $mend."
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  [ -n "$version" ] || fail "'swift --version' does not say its version: $mend."
  [ "$(printf '%s\n6.3\n' "$version" | sort -V | head -n 1)" = 6.3 ] ||
    fail "Swift $version is too old: $mend."
}

# Installs those of the named Debian packages that are missing, and says so.
need_packages() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
      fail "these Debian packages are missing: ${missing[*]}; run this as root once, or install sudo."
    as_root=(sudo)
  fi
  say "Installing Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    fail "these Debian packages could not be installed: ${missing[*]}; check the network and 'apt-get update', then run this again."
  fi
  rm -f "$log"
}

# What building and running Vigie needs.
need_build_packages() {
  need_packages pkg-config libmodbus-dev libmosquitto-dev libssl-dev libsqlite3-dev zlib1g-dev
}

# Runs `swift build` with the given arguments; quiet when all is well, its last words when not.
swift_build() {
  local log=.build/build.log
  mkdir -p .build
  if [ ! -d .build/checkouts ]; then say 'Building Vigie; the first time takes some minutes.'; fi
  if ! swift build "$@" >"$log" 2>&1; then
    if grep -qE 'Failed to clone|Could not resolve host|failed to connect|unable to access' "$log"; then
      tail -n 3 "$log" >&2
      fail 'the Swift packages could not be fetched: check the network and run this again.'
    fi
    grep -E 'error:' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
    fail "the build failed; all of it is in $log."
  fi
}

# Builds the program as it is shipped: optimised, with Swift's own library inside.
release_options=(-c release --static-swift-stdlib --product vigie)
build_release() {
  need_swift
  need_build_packages
  swift_build "${release_options[@]}"
}
