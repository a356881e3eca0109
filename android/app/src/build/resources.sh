#!/usr/bin/env bash
# Links the resources of the AARs, of `ui` and of the app into a package without code, and writes the R classes:
#   resources.sh LIBS FRAMEWORK_JAR APP UI OUT TEST_CLASSES
# The manifest of the sources has no package, as Gradle wants it; here it gets one,
# and the empty activity that the tests draw in; it loses what Debian's aapt2 is too old for.
set -euo pipefail
libs=$1 framework=$2 app=$3 ui=$4 out=$5 test_classes=$6
mkdir -p "$out/framework" "$out/flat" "$out/r" "$test_classes/com/android/tools"

# Debian's aapt2 reads neither ZIP64 nor anything of the framework but these two entries.
if [ ! -e "$out/framework.apk" ]; then
  (cd "$out/framework" && jar xf "$framework" AndroidManifest.xml resources.arsc && jar c0Mf ../framework.apk .)
fi

sed -e 's|<manifest |<manifest package="app.klink" |' \
    -e 's|^    <uses-permission android:name="android.permission.INTERNET" />|    <uses-sdk android:minSdkVersion="30" android:targetSdkVersion="35" />\n&|' \
    -e 's|^        <receiver android:name="app.klink.DenyReceiver"|        <activity android:name="androidx.activity.ComponentActivity" android:exported="true" />\n&|' \
    -e '/<queries>/,/<\/queries>/d' \
    "$app/src/main/AndroidManifest.xml" > "$out/AndroidManifest.xml"

packages=()
for aar in "$libs"/*.aar; do
  dir=$out/aar/$(basename "$aar" .aar)
  if [ ! -e "$out/flat/$(basename "$aar").done" ]; then
    mkdir -p "$dir" && (cd "$dir" && jar xf "$aar" AndroidManifest.xml R.txt res)
    if [ -d "$dir/res" ]; then aapt2 compile --dir "$dir/res" -o "$out/flat/$(basename "$aar").zip"; fi
    touch "$out/flat/$(basename "$aar").done"
  fi
  if [ -s "$dir/R.txt" ]; then packages+=("$(grep -oPm1 'package="\K[^"]+' "$dir/AndroidManifest.xml")"); fi
done
aapt2 compile --dir "$ui/src/main/res" -o "$out/flat/ui.zip"
aapt2 compile --dir "$app/src/main/res" -o "$out/flat/zz-app.zip"

aapt2 link -I "$out/framework.apk" --manifest "$out/AndroidManifest.xml" --auto-add-overlay --non-final-ids \
  --java "$out/r" --extra-packages "$(IFS=:; echo "${packages[*]}")" -o "$out/resources.apk" "$out"/flat/*.zip

cat > "$test_classes/com/android/tools/test_config.properties" <<PROPERTIES
android_resource_apk=$out/resources.apk
android_merged_manifest=$out/AndroidManifest.xml
android_custom_package=app.klink
PROPERTIES
