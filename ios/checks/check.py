"""Checks what Xcode and the store read of the app, as far as it can be read without them. One line for each check; each is
seen to fail on a copy with one thing broken."""

import json
import pathlib
import plistlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

# What Xcode itself puts in.
XCODE = {"EXECUTABLE_NAME", "PRODUCT_BUNDLE_IDENTIFIER", "PRODUCT_NAME", "PRODUCT_MODULE_NAME", "AppIdentifierPrefix"}
# APIs that Apple wants a reason for: how a source shows that it uses one, and the reason we have.
REASONS = {
    "NSPrivacyAccessedAPICategoryUserDefaults": (r"\bUserDefaults\b", "CA92.1"),
    "NSPrivacyAccessedAPICategorySystemBootTime": (r"\bCLOCK_MONOTONIC\b", "35F9.1"),
    # The library stats its own files; a source that links it has it.
    "NSPrivacyAccessedAPICategoryFileTimestamp": (r"^import KlinkCore$", "C617.1"),
    "NSPrivacyAccessedAPICategoryDiskSpace": (r"volumeAvailableCapacity|systemFreeSize", "E174.1"),
}
USAGES = {"AVFoundation": "NSCameraUsageDescription", "LocalAuthentication": "NSFaceIDUsageDescription"}


def plist(path):
    return plistlib.loads(path.read_bytes())


def project(root):
    return yaml.safe_load((root / "project.yml").read_text())


def swift(root, *folders):
    return {path: path.read_text() for folder in folders for path in sorted((root / folder).rglob("*.swift"))}


def strings(path):
    return json.loads(path.read_text())["strings"]


def words(entry, language):
    """All forms of an entry in a language."""
    wording = entry.get("localizations", {}).get(language, {})
    units = [wording.get("stringUnit")] + [
        form.get("stringUnit") for form in wording.get("variations", {}).get("plural", {}).values()
    ]
    return [unit["value"] for unit in units if unit and unit.get("state") == "translated"]


def places(text):
    return sorted(re.findall(r"%\d\$(?:@|lld)", text))


def every_file_that_the_project_names_exists(root):
    spec = project(root)
    named = list(spec["configFiles"].values())
    for target in spec["targets"].values():
        base = target["settings"]["base"]
        named += target["sources"] + [base["INFOPLIST_FILE"], base["CODE_SIGN_ENTITLEMENTS"]]
        named += [f"{source}/PrivacyInfo.xcprivacy" for source in target["sources"]]
        if icon := base.get("ASSETCATALOG_COMPILER_APPICON_NAME"):
            named.append(f"{target['sources'][0]}/Assets.xcassets/{icon}.appiconset/Contents.json")
    named += [f"{package['path']}/Package.swift" for package in spec["packages"].values()]
    return [f"{path} is not there" for path in named if not (root / path).exists()]


def every_product_that_the_project_names_is_made(root):
    spec = project(root)
    for name, target in spec["targets"].items():
        for dependency in target.get("dependencies", []):
            if "target" in dependency and dependency["target"] not in spec["targets"]:
                yield f"{name} wants the target {dependency['target']}"
            if "package" in dependency:
                package = root / spec["packages"][dependency["package"]]["path"] / "Package.swift"
                if f'.library(name: "{dependency["product"]}"' not in package.read_text():
                    yield f"{name} wants the product {dependency['product']}"


def every_variable_is_set_in_one_place(root):
    config = (root / "Config/Klink.xcconfig").read_text()
    known = XCODE | set(re.findall(r"^(\w+)(?:\[[^]]*\])? *=", config, re.M))
    for path in sorted([*root.glob("*/*.plist"), *root.glob("*/*.entitlements"), root / "project.yml"]):
        for name in re.findall(r"\$\((\w+)\)", path.read_text()):
            if name not in known:
                yield f"{path.name} wants {name}"
        for own in re.findall(r"(?:DEVELOPMENT_TEAM|KLINK_BUNDLE_ID) *= *(\S+)", config):
            if own in path.read_text():
                yield f"{path.name} names {own} itself"


def the_information_of_the_app_is_complete(root):
    info = plist(root / "App/Info.plist")
    schemes = [scheme for kind in info.get("CFBundleURLTypes", []) for scheme in kind["CFBundleURLSchemes"]]
    if schemes != ["otpauth", "otpauth-migration", "pushenrol"]:
        yield f"URL types are {schemes}"
    if info.get("CFBundleLocalizations") != ["en", "nl"]:
        yield "languages"
    if info.get("ITSAppUsesNonExemptEncryption") is not True:
        yield "export compliance"
    if set(info.get("UILaunchScreen", {})) != {"UIColorName", "UIImageName"}:
        yield "launch screen"
    if len(info.get("UISupportedInterfaceOrientations~ipad", [])) != 4:
        yield "an iPad is turned in four ways"
    if "NSAppTransportSecurity" in info:
        yield "App Transport Security stays as it is"
    if "NSPhotoLibraryUsageDescription" in info:
        yield "photos are picked by the system: no permission is asked"
    used = {name for text in swift(root, "App", "Sources").values() for name in re.findall(r"^import (\w+)$", text, re.M)}
    for module, key in USAGES.items():
        if module in used and not info.get(key):
            yield f"{key} is not said"


def the_reasons_are_said_in_both_languages(root):
    info, said = plist(root / "App/Info.plist"), strings(root / "App/InfoPlist.xcstrings")
    for key in [key for key in info if key.endswith("UsageDescription")]:
        entry = said.get(key, {})
        if words(entry, "en") != [info[key]]:
            yield f"{key} is not what Info.plist says"
        if not all(text.strip() for text in words(entry, "nl") or [""]):
            yield f"{key} is not said in Dutch"


def the_rights_of_app_and_extension_are_these(root):
    app, extension = plist(root / "App/Klink.entitlements"), plist(
        root / "NotificationService/NotificationService.entitlements"
    )
    timely, groups = "com.apple.developer.usernotifications.time-sensitive", "com.apple.security.application-groups"
    if set(app) != {
        "aps-environment", "com.apple.developer.default-data-protection", timely, groups, "keychain-access-groups",
    }:
        yield f"app: {sorted(app)}"
    # Commits must survive the phone being locked: a stricter class would make them fail.
    if app.get("com.apple.developer.default-data-protection") != "NSFileProtectionCompleteUntilFirstUserAuthentication":
        yield "data protection"
    if set(extension) != {timely, groups} or extension[groups] != app.get(groups):
        yield f"extension: {sorted(extension)}"


def the_extension_is_one_for_notifications_without_the_core(root):
    point = plist(root / "NotificationService/Info.plist")["NSExtension"]
    if point["NSExtensionPointIdentifier"] != "com.apple.usernotifications.service":
        yield "extension point"
    name = point["NSExtensionPrincipalClass"].split(".")[-1]
    sources = swift(root, "NotificationService")
    if not any(f"class {name}:" in text for text in sources.values()):
        yield f"there is no class {name}"
    for path, text in sources.items():
        if re.search(r"^import Klink", text, re.M):
            yield f"{path.name} imports ours"
    target = project(root)["targets"]["NotificationService"]
    if target.get("dependencies") or target["settings"]["base"].get("APPLICATION_EXTENSION_API_ONLY") is not True:
        yield "the extension links something"


def nobody_approves_on_the_lock_screen(root):
    text = (root / "Sources/KlinkPlatform/Notifications.swift").read_text()
    if re.findall(r"case (deny, open)$", re.search(r"enum Tap[^}]*", text).group().split("{")[1].strip(), re.M) != ["deny, open"]:
        yield "there are other taps than deny and open"
    if "approve" in re.sub(r"//.*", "", text).lower():
        yield "an approval in what answers notifications"


def every_api_with_a_reason_is_declared_and_used(root):
    for folder, sources in (("App", ("App", "Sources")), ("NotificationService", ("NotificationService",))):
        manifest = plist(root / folder / "PrivacyInfo.xcprivacy")
        if manifest["NSPrivacyTracking"] or manifest["NSPrivacyTrackingDomains"] or manifest["NSPrivacyCollectedDataTypes"]:
            yield f"{folder} tracks or collects"
        declared = {
            entry["NSPrivacyAccessedAPIType"]: entry["NSPrivacyAccessedAPITypeReasons"]
            for entry in manifest["NSPrivacyAccessedAPITypes"]
        }
        text = "\n".join(swift(root, *sources).values())
        for api, (sign, reason) in REASONS.items():
            expected = [reason] if re.search(sign, text, re.M) else None
            if declared.pop(api, None) != expected:
                yield f"{folder}: {api} should be {expected}"
        for api in declared:
            yield f"{folder}: {api} is not known here"


def no_sentence_is_missing_in_either_language(root):
    for path in sorted([*root.glob("App/*.xcstrings"), *root.glob("Sources/*/Words/*.xcstrings")]):
        for key, entry in strings(path).items():
            forms = {language: words(entry, language) for language in ("en", "nl")}
            for language, texts in forms.items():
                if not texts or not all(text.strip() for text in texts):
                    yield f"{key} has no words in {language}"
            # The singular may leave its number out.
            used = {language: max((places(text) for text in texts), default=[], key=len) for language, texts in forms.items()}
            if used["en"] != used["nl"]:
                yield f"{key} has other places in the two languages"


def every_sentence_that_is_said_is_in_the_catalogue(root):
    known = {key for path in root.glob("Sources/*/Words/*.xcstrings") for key in strings(path)}
    said = set()
    for text in swift(root, "Sources", "App").values():
        said |= set(re.findall(r'(?:Sentence|say)\(\s*"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)"', text))
    if len(said) < 100:
        yield f"only {len(said)} sentences were found"
    for key in sorted(said - known):
        yield f"{key} has no words"


def icon_and_colours_are_as_they_are_drawn_and_can_be_read(root):
    drawing = subprocess.run([sys.executable, root / "App/draw.py", "--check"], capture_output=True, text=True)
    return drawing.stdout.splitlines() or [drawing.stderr] * (drawing.returncode != 0)


CHECKS = [
    every_file_that_the_project_names_exists,
    every_product_that_the_project_names_is_made,
    every_variable_is_set_in_one_place,
    the_information_of_the_app_is_complete,
    the_reasons_are_said_in_both_languages,
    the_rights_of_app_and_extension_are_these,
    the_extension_is_one_for_notifications_without_the_core,
    nobody_approves_on_the_lock_screen,
    every_api_with_a_reason_is_declared_and_used,
    no_sentence_is_missing_in_either_language,
    every_sentence_that_is_said_is_in_the_catalogue,
    icon_and_colours_are_as_they_are_drawn_and_can_be_read,
]

CATALOGUE = "Sources/KlinkViews/Words/Localizable.xcstrings"
# One change for each check, after which that check has to fail: file, what stands there, what is put in its place.
CONTROLS = [
    ("project.yml", "App/Info.plist", "App/Infos.plist"),
    ("project.yml", "product: KlinkApp", "product: KlinkApps"),
    ("App/Info.plist", "$(MARKETING_VERSION)", "$(MARKET_VERSION)"),
    ("App/Info.plist", "<string>pushenrol</string>", "<string>push</string>"),
    ("App/InfoPlist.xcstrings", "Klink leest", ""),
    ("App/Klink.entitlements", "CompleteUntilFirstUserAuthentication", "Complete"),
    ("NotificationService/NotificationService.swift", "import Foundation\n", "import Foundation\nimport KlinkCore\n"),
    ("Sources/KlinkPlatform/Notifications.swift", "case deny, open", "case deny, open, approve"),
    ("App/PrivacyInfo.xcprivacy", "CA92.1", "1C8F.1"),
    (CATALOGUE, "Goedgekeurd", " "),
    ("App/KlinkMain.swift", '"prompt.unlock"', '"prompt.unlocked"'),
    ("App/Assets.xcassets/Warn.colorset/Contents.json", "0x7A", "0x7B"),
]


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    failed = 0
    for check in CHECKS:
        problems = list(check(root))
        name = check.__name__.replace("_", " ")
        print(f"check {name}" + "".join(f" FAILED : {problem}" for problem in problems[:8]))
        failed += bool(problems)
    # Controls run on a copy.
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "ios"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".build", "Tests"))
        (pathlib.Path(folder) / "bindings").symlink_to(root.parent / "bindings")
        for check, (file, old, new) in zip(CHECKS, CONTROLS, strict=True):
            path = copy / file
            text = path.read_text()
            assert old in text, f"{file} has no {old}"
            path.write_text(text.replace(old, new, 1) if new else re.sub(rf"{old}[^\"]*", "", text, count=1))
            seen = bool(list(check(copy)))
            path.write_text(text)
            name = check.__name__.replace("_", " ")
            print(f"check control: broken, it fails: {name}" + ("" if seen else " FAILED : it does not"))
            failed += not seen
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
