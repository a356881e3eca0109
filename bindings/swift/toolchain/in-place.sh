#!/usr/bin/env bash
# in-place.sh ROOT
# Makes ROOT, which install.sh made, usable where it lies, without entering it: for a machine that lets nobody mount, as most
# containers do. Points the tools at ROOT's own loader and libraries, and has clang link every product (SwiftPM's compiled
# manifests too) against them. ROOT must not move afterwards, and can no longer be entered. Needs patchelf. Idempotent.
# Then: ROOT/usr/bin/swift test -Xswiftc -sdk -Xswiftc ROOT -Xcc --sysroot=ROOT
set -euo pipefail
ROOT=$(realpath "${1:?usage: in-place.sh ROOT}")
SWIFT=$ROOT/usr/libexec/swift
LIBS=$ROOT/usr/lib/x86_64-linux-gnu
LOADER=$LIBS/ld-linux-x86-64.so.2
SEARCHED=$SWIFT/lib/swift/linux:$SWIFT/lib/swift/host:$SWIFT/lib:$LIBS

[ -e "$ROOT/.swift-in-place" ] && { echo "in-place: $ROOT is done"; exit 0; }
is_elf() { [ -f "$1" ] && [ ! -L "$1" ] && [ "$(head -c4 "$1" | od -An -c | tr -d ' ')" = '177ELF' ]; }
for program in "$SWIFT"/bin/* "$ROOT"/usr/bin/x86_64-linux-gnu-{ld*,as,ar,objcopy}; do
  is_elf "$program" && patchelf --set-interpreter "$LOADER" --force-rpath --set-rpath "$SEARCHED" "$program"
done
for library in "$SWIFT"/lib/swift/linux/*.so "$SWIFT"/lib/swift/host/*.so "$SWIFT"/lib/swift/host/plugins/*.so; do
  is_elf "$library" && patchelf --set-rpath "\$ORIGIN:$SEARCHED" "$library"
done
for compiler in clang clang++; do
  printf '%s\n' "--sysroot=$ROOT" "-Wl,--dynamic-linker=$LOADER" -Wl,--disable-new-dtags \
    "-Wl,-rpath,$SWIFT/lib/swift/linux:$LIBS" -Wl,--allow-shlib-undefined -Wno-unused-command-line-argument \
    > "$SWIFT/bin/$compiler.cfg"
done
touch "$ROOT/.swift-in-place"
