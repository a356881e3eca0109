#!/usr/bin/env bash
# Installs a package on the device that adb sees, starts it and waits for the first start: launch.sh PACKAGE.apk
# It comes only when the native library was loaded, JNA found its classes by name, and the core answered: all that R8
# could have taken away. The device speaks English or Dutch, and has no vault of this app yet.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
wait_s=${KLINK_LAUNCH_WAIT_S:-20}

adb install -r "$1" > /dev/null
adb shell am start -W -n app.klink/app.klink.MainActivity > /dev/null
titles=$(grep -h 'name="welcome_title"' "$here"/ui/src/main/res/values*/strings.xml | sed -e 's/^[^>]*>//' -e 's/<.*//')
for _ in $(seq "$wait_s"); do
  if adb exec-out uiautomator dump /dev/tty | grep -qF "$titles"; then
    echo "the first start is shown"
    exit 0
  fi
  sleep 1
done
echo "the first start was not shown within $wait_s s" >&2
adb logcat -d -b crash >&2
exit 1
