#!/usr/bin/env bash
# enter.sh ROOT FOLDERS COMMAND...
# Runs COMMAND inside ROOT, which install.sh made, with FOLDERS (separated by colons) seen at their own paths, in a mount
# namespace of its own: nothing stays mounted. The environment is emptied but for PATH, HOME, LANG and what SWIFT_IN_ENV names
# (separated by spaces) and is set.
set -euo pipefail
ROOT=$(realpath "$1"); FOLDERS=$2; shift 2
CWD=$(pwd -P)
KEEP=(PATH=/usr/bin:/usr/sbin HOME=/root LANG=C.UTF-8)
for v in ${SWIFT_IN_ENV:-}; do if [[ -v $v ]]; then KEEP+=("$v=${!v}"); fi; done
export ROOT FOLDERS CWD
exec unshare --mount --propagation private bash -c '
  set -euo pipefail
  mount -t proc proc "$ROOT/proc"
  mount --rbind /dev "$ROOT/dev"
  IFS=:; for folder in $FOLDERS; do mkdir -p "$ROOT$folder"; mount --bind "$folder" "$ROOT$folder"; done; unset IFS
  exec chroot "$ROOT" /usr/bin/env -i "${@:1:$0}" /usr/bin/env -C "$CWD" "${@:$(($0+1))}"
' "${#KEEP[@]}" "${KEEP[@]}" "$@"
