#!/usr/bin/env bash
# install.sh DIR [CACHE]
# Unpacks Debian trixie's Swift and the little userland it needs into DIR, a root folder that enter.sh enters: for a
# Debian that has no Swift of its own. Does nothing when DIR holds the wanted version. Needs apt, dpkg-deb and tar; runs no
# maintainer script and touches nothing outside DIR and CACHE. The mirror is the one that this machine's apt is set up with;
# what it brings is checked against the signed lists.
set -euo pipefail
DIR=${1:?usage: install.sh DIR [CACHE]}
CACHE=${2:-$DIR-debs}
SUITE=${SWIFT_SUITE:-trixie}
WANT=${SWIFT_VERSION:-6.0.3-2}                 # swiftlang's version; the script fails on another
PKGS="swiftlang=$WANT libswiftlang=$WANT libc6-dev libstdc++-14-dev binutils
      bash coreutils sed grep findutils tzdata libc-bin"
LAYOUT=4                                       # bump when the way DIR is made changes
STAMP="swiftlang $WANT layout $LAYOUT"

if [ "$(cat "$DIR/.swift-stamp" 2>/dev/null || true)" = "$STAMP" ]; then
  echo "install: $DIR is up to date ($STAMP)"; exit 0
fi
mkdir -p "$CACHE" "$(dirname "$DIR")"
exec 9> "$CACHE/lock"; flock 9                 # one at a time; the second finds the stamp
if [ "$(cat "$DIR/.swift-stamp" 2>/dev/null || true)" = "$STAMP" ]; then exit 0; fi
t0=$(date +%s.%N)
MIRROR=${SWIFT_MIRROR:-}
[ -n "$MIRROR" ] || MIRROR=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null |
  grep -E '/debian/?$' | sort -u | sed -n 1p) || true
# A machine whose lists were never fetched names its mirror in its sources alone.
[ -n "$MIRROR" ] || MIRROR=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
  grep -v '^ *#' | grep -Eo '[a-z]+://[^ ]+/debian/?( |$)' | tr -d ' ' | sort -u | sed -n 1p) || true
[ -n "$MIRROR" ] || { echo "install: no Debian mirror found in /etc/apt" >&2; exit 1; }
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

mkdir -p "$CACHE/apt/lists/partial" "$CACHE/debs/partial" "$CACHE/apt/empty.d" "$CACHE/apt/none/partial"
: > "$CACHE/apt/status"
echo "deb [arch=amd64 signed-by=$KEYRING] $MIRROR $SUITE main" > "$CACHE/apt/sources.list"
APT=(-o Dir::Etc::sourcelist="$CACHE/apt/sources.list" -o Dir::Etc::sourceparts="$CACHE/apt/empty.d"
     -o Dir::Etc::preferencesparts="$CACHE/apt/empty.d" -o Dir::Etc::preferences=/dev/null
     -o Dir::State="$CACHE/apt" -o Dir::State::lists="$CACHE/apt/lists"
     -o Dir::State::status="$CACHE/apt/status" -o Dir::Cache="$CACHE/apt"
     -o Dir::Cache::archives="$CACHE/debs" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
     -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o Acquire::Languages=none
     -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Acquire::Retries=3
     -o Debug::NoLocking=true -o Acquire::ForceHash=SHA256)
apt-get "${APT[@]}" -qq update
# The whole list with its hashes, asked for against an empty archive (apt leaves out what it has).
# shellcheck disable=SC2086
mapfile -t URIS < <(apt-get "${APT[@]}" -o Dir::Cache::archives="$CACHE/apt/none" -qq -y --print-uris \
  install $PKGS | grep "^'")
[ "${#URIS[@]}" -gt 50 ] || { echo "install: apt listed ${#URIS[@]} packages" >&2; exit 1; }
# A cached .deb that does not have its hash is thrown away, so that apt fetches it again.
sums() { local u f h; for u in "${URIS[@]}"; do
    read -r _ f _ h <<<"$u"; h=${h%% *}; [ -e "$CACHE/debs/$f" ] && echo "${h#SHA256:}  $CACHE/debs/$f"; done; true; }
sums | sha256sum -c --quiet 2>/dev/null | sed -n 's/: FAILED.*//p' | xargs -r rm -f || true
# shellcheck disable=SC2086
apt-get "${APT[@]}" -qq -y --download-only install $PKGS
sums | sha256sum -c --quiet
t1=$(date +%s.%N)

rm -rf "$DIR.new"; mkdir -p "$DIR.new"
# merged /usr, as trixie's base-files would lay it out
mkdir -p "$DIR.new"/usr/{bin,sbin,lib,lib64}
for d in bin sbin lib lib64; do ln -s "usr/$d" "$DIR.new/$d"; done
# debs not wanted when nothing is configured, and big parts of swiftlang that no build uses
SKIP='^(gcc|cpp|gcc-14|cpp-14|gcc-x86|cpp-x86|gcc-14-x86|cpp-14-x86|debconf|libasan|liblsan|libtsan|libubsan|libhwasan|perl|libdb5|libpam|libsystemd|libcc1)'
EXCL=(--exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale
  --exclude=./usr/share/info --exclude=./usr/libexec/swift/lib/swift/embedded
  --exclude=./usr/libexec/swift/lib/swift_static/embedded
  --exclude=./usr/libexec/swift/bin/lldb* --exclude=./usr/libexec/swift/lib/liblldb*
  --exclude=./usr/libexec/swift/bin/repl_swift --exclude=./usr/libexec/swift/bin/clangd
  --exclude=./usr/libexec/swift/bin/sourcekit-lsp --exclude=./usr/libexec/swift/lib/libsourcekitdInProc*
  --exclude=./usr/libexec/swift/lib/libLTO*
  --exclude=./usr/libexec/swift/lib/swift_static)
total=0; kept=0
for u in "${URIS[@]}"; do
  read -r _ file size _ <<<"$u"
  total=$((total + size))
  [[ $file =~ $SKIP ]] && continue
  kept=$((kept + size))
  dpkg-deb --fsys-tarfile "$CACHE/debs/$file" | tar -x -C "$DIR.new" --keep-directory-symlink "${EXCL[@]}" -f -
done
mkdir -p "$DIR.new"/{proc,dev,tmp,root,etc,src,work,run,var/tmp}; chmod 1777 "$DIR.new/tmp" "$DIR.new/var/tmp"
[ -e "$DIR.new/usr/bin/sh" ] || ln -s dash "$DIR.new/usr/bin/sh"
printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' > "$DIR.new/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' > "$DIR.new/etc/group"
printf '127.0.0.1 localhost\n' > "$DIR.new/etc/hosts"
printf '/usr/libexec/swift/lib/swift/linux\n/usr/libexec/swift/lib/swift/host\n' > "$DIR.new/etc/ld.so.conf.d/swift.conf"
chroot "$DIR.new" /sbin/ldconfig
for b in swift swiftc swift-build swift-test swift-run swift-package swift-format clang; do
  [ -e "$DIR.new/usr/libexec/swift/bin/$b" ] && ln -sf "../libexec/swift/bin/$b" "$DIR.new/usr/bin/$b"
done
echo "$STAMP" > "$DIR.new/.swift-stamp"
rm -rf "$DIR"; mv "$DIR.new" "$DIR"
t2=$(date +%s.%N)
printf 'install: %s: %d debs, %d MB to download, %d MB unpacked debs, %s on disk, download %.0f s, unpack %.0f s\n' \
  "$STAMP" "${#URIS[@]}" $((total / 1000000)) $((kept / 1000000)) "$(du -sh "$DIR" | cut -f1)" \
  "$(echo "$t1 $t0" | awk '{print $1-$2}')" "$(echo "$t2 $t1" | awk '{print $1-$2}')"
