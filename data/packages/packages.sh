# packages.sh: the part of dev that makes packages and the archive of a release; dev reads it.
#
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC1111,SC2154

# What is in the checkout, or in the archive of a release, into folder $1.
copy_sources () {
  mkdir -p "$1"
  if [ -e .git ] && command -v git >/dev/null; then
    # With what is not committed yet, but for what git is told to ignore.
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard \
      | while IFS= read -r -d '' name; do [ ! -e "$name" ] || printf '%s\0' "$name"; done \
      | tar -c --null -T - | tar -x -C "$1"
  else
    tar -c --exclude='./_build*' --exclude='./.git' . | tar -x -C "$1"
  fi
}

# The version is said in meson.build, and nowhere else.
version () {
  sed -n "s/^  version: '\([^']*\)',$/\1/p" meson.build
}

# Whether those who tell of it agree.
check_version () {
  local wanted told place
  wanted=$(version)
  for place in NEWS.md data/*.metainfo.xml.in; do
    told=$(sed -n -e 's/^## \([0-9][0-9.]*\).*/\1/p' \
      -e 's/.*<release .*version="\([^"]*\)".*/\1/p' "$place" | head -n 1)
    if [ -z "$wanted" ] || [ "$told" != "$wanted" ]; then
      echo "$place: the newest version is “${told}”, in meson.build it is “${wanted}”"
      return 1
    fi
  done
}

# When the sources were last changed, in seconds since 1970: what is built twice is the same twice.
changed () {
  if [ -n "${SOURCE_DATE_EPOCH-}" ]; then
    echo "$SOURCE_DATE_EPOCH"
  elif [ -e .git ] && command -v git >/dev/null; then
    git -c safe.directory='*' log -1 --format=%ct
  else
    date -u -d "$(sed -n 's/.*<release .*date="\([^"]*\)".*/\1/p' data/*.metainfo.xml.in \
      | head -n 1)" +%s
  fi
}

# Lays out in $1 what dpkg-buildpackage wants: the sources with a folder debian/.
debian_sources () {
  copy_sources "$1"
  cp -R data/packages/debian "$1/debian"
  cat >"$1/debian/changelog" <<TEXT
valise ($(version)) unstable; urgency=medium

  * What is new is in NEWS.md.

 -- The Valise developers <valise@users.noreply.github.com>  $(LC_ALL=C date -R -u -d "@$(changed)")
TEXT
}

package_deb () {
  local source
  source=$here/_build-package/deb/valise-$(version)
  case " ${DEB_BUILD_OPTIONS-} " in
    *' nocheck '*) export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES-} nocheck" ;;
  esac
  rm -rf "$here/_build-package/deb"
  debian_sources "$source"
  command -v dpkg-buildpackage >/dev/null || apt install -y --no-install-recommends dpkg-dev
  if ! (cd "$source" && dpkg-checkbuilddeps 2>/dev/null); then
    say "Installing what Valise's packages are built with"
    apt install -y --no-install-recommends build-essential
    apt build-dep -y --no-install-recommends "$source"
  fi
  say "Building the packages"
  (cd "$source" && dpkg-buildpackage --no-sign "$@")
  say "The packages:"
  find "$here/_build-package/deb" -maxdepth 1 -name '*.deb' | sort
}

# The archive of a release: what is committed, as meson makes it. Where there is no git, as in such
# an archive, what is there is packed once more. Prints its name.
package_archive () {
  local name folder=$here/_build-package/archive
  name=valise-$(version)
  rm -rf "$folder"
  mkdir -p "$folder"
  if [ -e .git ]; then
    # A clone of its own, since git refuses foreign owners.
    git -c safe.directory='*' clone -q "$here" "$folder/valise"
    meson setup -Dtests=false "$folder/build" "$folder/valise" >"$folder/meson.log"
    meson dist -C "$folder/build" --no-tests --formats=xztar >>"$folder/meson.log"
    mv "$folder/build/meson-dist/$name.tar.xz" "$folder/"
  else
    copy_sources "$folder/$name"
    tar -C "$folder" -c "$name" | xz >"$folder/$name.tar.xz"
  fi
  echo "$folder/$name.tar.xz"
}

package_rpm () {
  local archive date folder=$here/_build-package/rpm options=()
  command -v rpmbuild >/dev/null || die "rpmbuild is missing (Fedora: rpm-build, Debian: rpm)."
  # Where packages are not RPMs, rpmbuild cannot know what is there, nor how meson is called.
  [ "$(distribution)" = fedora ] || options=(
    --nodeps
    --define 'meson meson setup --prefix=%{_prefix} --buildtype=plain redhat-build .'
    --define 'meson_build ninja -C redhat-build'
    --define 'meson_install DESTDIR=%{buildroot} meson install -C redhat-build --no-rebuild'
  )
  archive=$(package_archive)
  rm -rf "$folder"
  mkdir -p "$folder/SOURCES" "$folder/SPECS"
  cp "$archive" "$folder/SOURCES/"
  date=$(LC_ALL=C date -u -d "@$(changed)" '+%a %b %d %Y')
  sed -e "s/@VERSION@/$(version)/" -e "s/@DATE@/$date/" \
    data/packages/valise.spec.in >"$folder/SPECS/valise.spec"
  rpmbuild -ba "${options[@]}" --define "_topdir $folder" "$@" "$folder/SPECS/valise.spec"
  find "$folder" -name '*.rpm' | sort
}

package_arch () {
  local archive epoch folder=$here/_build-package/arch options=()
  command -v makepkg >/dev/null && command -v pacman >/dev/null \
    || die "makepkg or pacman is missing (Debian: makepkg, pacman-package-manager)."
  # Elsewhere, pacman knows of no packages.
  [ -e /etc/arch-release ] || options=(--nodeps)
  archive=$(package_archive)
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$archive" "$folder/"
  sed -e "s/@VERSION@/$(version)/" -e "s/@SHA256@/$(sha256sum <"$archive" | cut -d ' ' -f 1)/" \
    data/packages/PKGBUILD.in >"$folder/PKGBUILD"
  epoch=$(changed)
  (cd "$folder" && SOURCE_DATE_EPOCH=$epoch makepkg "${options[@]}" "$@")
  find "$folder" -maxdepth 1 -name '*.pkg.tar*' | sort
}

package () {
  local what=${1-}
  shift || true
  case "$what" in
    archive) package_archive ;;
    deb) package_deb "$@" ;;
    rpm) package_rpm "$@" ;;
    arch) package_arch "$@" ;;
    check) tests/packages/check-deb.sh "$@" ;;
    flatpak)
      setup flatpak
      compile
      flatpak/check.py "$@"
      ;;
    # For what builds somewhere else.
    deb-sources) debian_sources "$1" ;;
    *) usage >&2; exit 2 ;;
  esac
}

# One of the two builds of “reproducible”: the sources to $1, built in $2, installed into $3.
build_tree () {
  copy_sources "$1"
  # ccache would answer with what another build has made.
  (
    export CCACHE_DISABLE=1 DESTDIR=$3
    cd "$1"
    "${@:4}" meson setup "$2" . -Dprefix=/usr -Dtests=false
    "${@:4}" ninja -C "$2"
    "${@:4}" meson install -C "$2" --no-rebuild --quiet
  )
}

tree_digests () {
  (
    cd "$1"
    find . -printf '%M %p %l\n' | sort
    find . -type f -print0 | sort -z | xargs -0 sha256sum
  )
}

reproducible () {
  local folder=$here/_build-reproducible
  local elsewhere=(env TZ=Pacific/Kiritimati LC_ALL=C HOME=/nonexistent)
  setup build
  rm -rf "$folder"
  say "Building"
  build_tree "$folder/one" _build "$folder/first"
  # Whatever asks for the time gets it from there.
  if command -v faketime >/dev/null; then
    elsewhere+=(faketime -f +400d)
  else
    say "faketime is not installed: the second build has the same day as the first"
  fi
  say "Building in another folder, at another time, with other habits"
  (
    umask 0077
    build_tree "$folder/some/other place" build-elsewhere "$folder/second" "${elsewhere[@]}"
  )
  say "Comparing"
  tree_digests "$folder/first" >"$folder/first.txt"
  tree_digests "$folder/second" >"$folder/second.txt"
  diff "$folder/first.txt" "$folder/second.txt" || die "the builds differ; they are in $folder"
  printf '%s files are the same, bit for bit.\n' "$(find "$folder/first" -type f | wc -l)"
  rm -rf "$folder"
}
