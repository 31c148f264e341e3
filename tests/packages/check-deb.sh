#!/usr/bin/env bash
# check-deb.sh: Debian's packages of Valise, made, looked at, installed, used and removed, in clean
# roots of Debian.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: check-deb.sh [SUITE…]        (bookworm and trixie), as root: ./dev package check
#
# For each suite there are two roots. In the first are build-essential, what debian/control wants,
# and lintian: there the packages are built, and Debian's own autopkgtest runs what is in
# debian/tests. The second has nothing but what the packages depend on: there they are installed,
# used and purged, and every file is compared with what was there before. In the newer suite all
# tests are compiled, with warnings as errors, the unit tests run, and the packages are built once
# more, in another folder, by another user's habits, a year later: they must be the same.
#
# What is built is the archive of a release, made of what is committed.
#
# The roots are kept as archives in ~/.cache/valise-ci for a week. Apart from Debian's mirror there
# is no network. The packages of both suites are left in _build-package/check. The last line is how
# many steps passed, failed and were skipped; exit status: 0 if none failed, 77 if it cannot begin.
# shellcheck disable=SC2317
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$here"
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8
results=$here/_build-package/check
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/valise-ci
newest=trixie

say () {
  printf '\n---- %4d s  %s\n' "$SECONDS" "$*"
}

# step SUITE WORDS FUNCTION ARGUMENT…: one of the steps that are counted.
step () {
  local suite=$1 words=$2
  shift 2
  say "$suite: $words"
  echo "$words" >"$results/$suite.step"
  "$@"
  echo "$words" >>"$results/$suite.passed"
}

# inside ROOT COMMAND…: runs it there as root, with a /proc of its own and no other mounts left.
inside () {
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child sh -c '
    root=$1
    shift
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs tmpfs "$root/dev/shm"
    mount -t tmpfs tmpfs "$root/run"
    exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      DEBIAN_FRONTEND=noninteractive TERM=dumb "$@"' inside "$@"
}

# Device nodes cannot be made everywhere.
unpack () {
  mkdir -p "$2/dev/shm"
  tar -C "$2" -xf "$1" --exclude='./dev/*'
  cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom "$2/dev/"
  ln -s /proc/self/fd "$2/dev/fd"
  cp /etc/resolv.conf "$2/etc/resolv.conf" 2>/dev/null || true
}

# make_root ARCHIVE SUITE HOOKS…: nothing but what is essential, and what the hooks install.
make_root () {
  local archive=$1 suite=$2 proxy hook options=()
  shift 2
  if tar -tf "$archive" >/dev/null 2>&1; then
    echo "Using the root in $archive"
    return
  fi
  proxy=$(apt-config dump --format '%v' Acquire::http::Proxy 2>/dev/null)
  [ -z "$proxy" ] || options+=("--aptopt=Acquire::http::Proxy \"$proxy\"")
  for hook in "$@"; do
    options+=("--customize-hook=$hook")
  done
  mkdir -p "$cache"
  rm -rf "${archive%-*}"-*.tar*
  mmdebstrap --quiet --mode=root --variant=minbase --format=tar --skip=cleanup/apt/lists \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    --dpkgopt=force-unsafe-io "${options[@]}" "$suite" "$archive.new" "$mirror"
  mv "$archive.new" "$archive"
}

# The name of an archive, new each week and whenever $2 changes.
archive () {
  printf '%s/%s-%s.tar' "$cache" "$1" \
    "$(printf '%s %s %s' "$mirror" "$2" "$(date +%G-%V)" | sha256sum | cut -c 1-16)"
}

# What is on a root: every file with its digest, owner and mode, but for what apt and dpkg write
# down for themselves, and our own /packages.
snapshot () {
  local name skipped=()
  for name in proc sys dev run packages var/log var/cache/apt var/lib/apt var/lib/dpkg/triggers \
              'var/lib/dpkg/status*' 'var/lib/dpkg/lock*'; do
    skipped+=(-o -path "./$name")
  done
  cd "$1"
  find . -xdev \( "${skipped[@]:1}" \) -prune -o -printf '%M %U:%G %p %l\n' | sort
  find . -xdev \( "${skipped[@]:1}" \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
  cd "$here"
}

build () {
  local suite=$1 root=$2 how=nocheck
  if [ "$suite" = "$newest" ]; then
    how=werror
  fi
  "$sources/dev" package deb-sources "$root/build/valise"
  inside "$root" env DEB_BUILD_OPTIONS="$how" DEB_BUILD_PROFILES="${how#werror}" \
    sh -ec 'cd /build/valise; dpkg-buildpackage --no-sign'
  mkdir -p "$results/$suite"
  cp "$root"/build/*.* "$results/$suite/"
}

lint () {
  inside "$1" sh -ec 'cd /build; lintian --allow-root --fail-on error --info ./*.changes'
}

# The same packages from another folder, at another time, for somebody in another place.
build_again () {
  local root=$1 file same=0
  "$sources/dev" package deb-sources "$root/srv/some/other/place/v"
  inside "$root" env DEB_BUILD_OPTIONS='nocheck parallel=3' DEB_BUILD_PROFILES=nocheck \
    TZ=Pacific/Kiritimati LANG=fr_FR.UTF-8 HOME=/nonexistent/other USER=other sh -ec '
      umask 0027
      cd /srv/some/other/place/v
      faketime -f "+400d" date
      faketime -f "+400d" dpkg-buildpackage --no-sign --build=binary'
  for file in "$root"/build/*.deb; do
    if cmp "$file" "$root/srv/some/other/place/${file##*/}"; then
      same=$((same + 1))
    fi
  done
  echo "$same packages are the same, bit for bit"
  [ "$same" = 4 ]
}

autopkgtest_inside () {
  local root=$1
  inside "$root" sh -ec '
    rm -rf /tmp/results
    autopkgtest --no-built-binaries --output-dir=/tmp/results \
      /build/valise_*_*.deb /build/valise-cli_*_*.deb /build/valise// -- null' || {
    tail -n 40 "$root"/tmp/results/*-std* 2>/dev/null
    return 1
  }
  grep '^demo-drive  *PASS' "$root/tmp/results/summary"
  grep '^start  *PASS' "$root/tmp/results/summary"
}

# A root with what the packages depend on and nothing more; and a package that depends on it.
make_clean_root () {
  local suite=$1 folder=$2 depends
  depends=$(for file in "$results/$suite"/valise{,-cli}_*_*.deb; do
    dpkg-deb --field "$file" Depends | sed 's/, */\n/g'
  done | grep -v '^valise' | sort -u | paste -s -d ,)
  mkdir -p "$folder/DEBIAN"
  printf '%s: %s\n' Package valise-needs Version 1 Architecture all Maintainer nobody \
    Description 'what Valise depends on' Depends "$depends" >"$folder/DEBIAN/control"
  dpkg-deb --root-owner-group --build "$folder" "$folder.deb" >/dev/null
  clean=$(archive "package-clean-$suite" "$depends")
  # shellcheck disable=SC2016
  make_root "$clean" "$suite" "upload $folder.deb /needs.deb" \
    'chroot "$1" apt-get -q install -y --no-install-recommends /needs.deb' 'rm "$1/needs.deb"'
}

use () {
  local suite=$1 root=$2
  snapshot "$root" >"$root.before"
  mkdir "$root/packages"
  cp "$results/$suite"/valise{,-cli}_*_*.deb "$root/packages/"
  cp "$work/$suite/tmp/results/artifacts/sample.wim" "$root/packages/"
  inside "$root" sh -ec 'apt-get install -y --no-install-recommends /packages/*.deb'
  say "$suite: writing a drive"
  inside "$root" sh -ec '
    cd /packages
    export HOME=/packages
    valise --version
    valise-wizard --help >/dev/null
    valise write sample.wim --image 1 --to drive.img --size 4G --yes --report report.json
    valise verify drive.img --report report.json'
}

purge () {
  local root=$1
  snapshot "$root" >"$root.between"
  if cmp -s "$root.before" "$root.between"; then
    echo 'Installing has changed nothing: the comparison is blind.'
    return 1
  fi
  inside "$root" sh -ec 'dpkg --purge valise valise-cli; ! dpkg -s valise valise-cli 2>/dev/null'
  snapshot "$root" >"$root.after"
  diff "$root.before" "$root.after"
  echo 'Nothing is left.'
}

check_suite () {
  local suite=$1 root built clean
  root=$work/$suite
  built=$(archive "package-build-$suite" "$(cat data/packages/debian/control)")
  # shellcheck disable=SC2016
  make_root "$built" "$suite" \
    'mkdir -p "$1/build/valise"' "copy-in data/packages/debian /build/valise" \
    'chroot "$1" apt-get -q install -y --no-install-recommends build-essential lintian autopkgtest \
      faketime udisks2' \
    'chroot "$1" apt-get -q build-dep -y --no-install-recommends /build/valise' \
    'rm -r "$1/build"'
  unpack "$built" "$root"
  step "$suite" 'building' build "$suite" "$root"
  step "$suite" 'lintian' lint "$root"
  if [ "$suite" = "$newest" ]; then
    step "$suite" 'building once more, elsewhere' build_again "$root"
  fi
  step "$suite" 'autopkgtest' autopkgtest_inside "$root"
  make_clean_root "$suite" "$work/needs-$suite"
  unpack "$clean" "$work/clean-$suite"
  step "$suite" 'installing, in a root with nothing but what the packages depend on' \
    use "$suite" "$work/clean-$suite"
  step "$suite" 'removing it again' purge "$work/clean-$suite"
  say "$suite: all is right"
}

cannot () {
  echo "Debian's packages were not checked: $*."
  exit 77
}

[ "$(id -u)" = 0 ] || cannot 'roots can be made only by root'
for tool in mmdebstrap unshare chroot meson git dpkg-deb apt-get; do
  command -v "$tool" >/dev/null || cannot "$tool is not installed"
done
[ $# != 0 ] || set -- bookworm trixie
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' \
  | sed -n 's/ Debian$//p' | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian}
rm -rf "$results"
mkdir -p "$results"
work=$(mktemp -d "${TMPDIR:-/tmp}/valise-packages-XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' INT TERM
say 'the archive of a release'
archived=$(./dev package archive)
sources=$work/$(basename "$archived" .tar.xz)
tar -C "$work" -xf "$archived"

declare -A running
for suite in "$@"; do
  (set -e; check_suite "$suite") >"$results/$suite.log" 2>&1 &
  running[$suite]=$!
done
failed=0
for suite in "$@"; do
  if wait "${running[$suite]}"; then
    grep -e '^---- ' -e ' bit for bit$' -e '^Nothing is left' "$results/$suite.log"
  else
    failed=$((failed + 1))
    cat "$results/$suite.log"
    echo "$suite: failed at: $(cat "$results/$suite.step" 2>/dev/null || echo 'making its root')"
    echo "See above, or $results/$suite.log"
  fi
done
find "$results" -name '*.deb' -printf '%9s  %P\n' | sort -k 2
printf '%d passed, %d failed, 0 skipped\n' \
  "$(cat "$results"/*.passed 2>/dev/null | wc -l)" "$failed"
exit $((failed > 0))
