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
    "NSPrivacyAccessedAPICategorySystemBootTime": (r"\bCLOCK_MONOTONIC\b|systemUptime|mach_absolute_time", "35F9.1"),
    # The library stats its own files; a source that links it has it.
    "NSPrivacyAccessedAPICategoryFileTimestamp": (
        r"^import KlinkCore$|[cC]reationDate|[mM]odificationDate|attributesOfItem|getattrlist|\b[fl]?stat(at)?\(", "C617.1",
    ),
    "NSPrivacyAccessedAPICategoryDiskSpace": (r"volumeAvailableCapacity|[sS]ystemFreeSize|\bf?stat(v?fs)\(", "E174.1"),
    "NSPrivacyAccessedAPICategoryActiveKeyboards": (r"activeInputModes", "54BD.1"),
}
TIMELY, GROUPS = "com.apple.developer.usernotifications.time-sensitive", "com.apple.security.application-groups"
FILLS = "com.apple.developer.authentication-services.autofill-credential-provider"
# What each extension is to the system, and its rights beside the app group.
EXTENSIONS = {
    "NotificationService": ("com.apple.usernotifications.service", {TIMELY}),
    "WidgetExtension": ("com.apple.widgetkit-extension", set()),
    "ShareExtension": ("com.apple.share-services", set()),
    "AutoFillExtension": ("com.apple.authentication-services-credential-provider-ui", {FILLS}),
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
    for folder in ("App", *EXTENSIONS):
        info, said = plist(root / folder / "Info.plist"), root / folder / "InfoPlist.xcstrings"
        reasons = [key for key in info if key.endswith("UsageDescription")]
        said = strings(said) if reasons or said.exists() else {}
        for key in reasons:
            if words(said.get(key, {}), "en") != [info[key]]:
                yield f"{folder}: {key} is not what Info.plist says"
            if not all(text.strip() for text in words(said.get(key, {}), "nl") or [""]):
                yield f"{folder}: {key} is not said in Dutch"


def the_app_wakes_up_for_what_it_does(root):
    info = plist(root / "App/Info.plist")
    text = "\n".join(swift(root, "App", "Sources").values())
    if info.get("UIBackgroundModes") != ["fetch"]:
        yield "a refresh now and then is all that is done in the background"
    if info.get("BGTaskSchedulerPermittedIdentifiers") != ["$(PRODUCT_BUNDLE_IDENTIFIER).upkeep"] or '.upkeep"' not in text:
        yield "the name of the upkeep"
    if info.get("NSUserActivityTypes") != ["ASCredentialExchangeActivityType"] or "ASCredentialExchangeActivity" not in text:
        yield "what another app hands over"


def the_rights_of_app_and_extensions_are_these(root):
    app = plist(root / "App/Klink.entitlements")
    protection = "com.apple.developer.default-data-protection"
    if set(app) != {"aps-environment", protection, TIMELY, FILLS, GROUPS, "keychain-access-groups"}:
        yield f"app: {sorted(app)}"
    # Commits must survive the phone being locked: a stricter class would make them fail.
    if app.get(protection) != "NSFileProtectionCompleteUntilFirstUserAuthentication":
        yield "data protection"
    for name, (_, rights) in EXTENSIONS.items():
        own = plist(root / name / f"{name}.entitlements")
        if set(own) != rights | {GROUPS} or own[GROUPS] != app.get(GROUPS):
            yield f"{name}: {sorted(own)}"


def every_extension_is_what_it_says_and_without_the_core(root):
    targets = project(root)["targets"]
    embedded = {dependency.get("target") for dependency in targets["Klink"]["dependencies"]} - {None}
    if not embedded == set(EXTENSIONS) == set(targets) - {"Klink"}:
        yield f"the app carries {sorted(embedded)}"
    app = plist(root / "App/Info.plist")
    for name, (point, _) in EXTENSIONS.items():
        info, target, sources = plist(root / name / "Info.plist"), targets[name], swift(root, name)
        if info["NSExtension"]["NSExtensionPointIdentifier"] != point:
            yield f"{name} is {info['NSExtension']['NSExtensionPointIdentifier']}"
        text = "\n".join(sources.values())
        # A widget begins at its own main.
        main = info["NSExtension"].get("NSExtensionPrincipalClass", "").split(".")[-1]
        if not re.search(rf"class {main}:" if main else r"@main struct \w+: Widget", text):
            yield f"{name} begins nowhere"
        for key in ("CFBundleShortVersionString", "CFBundleVersion", "KlinkAppGroup"):
            if info.get(key) != app[key]:
                yield f"{name}: {key} is not the app's"
        if "import LocalAuthentication" in text and not info.get("NSFaceIDUsageDescription"):
            yield f"{name} says no reason for Face ID"
        if target["settings"]["base"].get("APPLICATION_EXTENSION_API_ONLY") is not True:
            yield f"{name} is not kept to what extensions may call"
        if [dependency.get("product") for dependency in target.get("dependencies", [])] != ["KlinkShared"]:
            yield f"{name} links something else"
    # What they share links nothing of ours either.
    for path, text in swift(root, "Sources/KlinkShared", *EXTENSIONS).items():
        for module in re.findall(r"^(?:@\w+ )?import (Klink\w*)", text, re.M):
            if module != "KlinkShared":
                yield f"{path.name} imports {module}"
    if '.target(name: "KlinkShared", dependencies: apple)' not in (root / "Package.swift").read_text():
        yield "what they share depends on something"


def autofill_fills_in_codes_alone(root):
    attributes = plist(root / "AutoFillExtension/Info.plist")["NSExtension"]["NSExtensionAttributes"]
    if attributes["ASCredentialProviderExtensionCapabilities"] != {
        "ProvidesOneTimeCodes": True, "SupportsCredentialExchange": True, "SupportedCredentialExchangeVersions": ["1.0"],
    }:
        yield "what it is able to"
    if project(root)["targets"]["AutoFillExtension"].get("deploymentTarget") != "18.0":
        yield "codes are filled in from iOS 18 on"
    if "evaluatePolicy(.deviceOwnerAuthentication," not in (root / "AutoFillExtension/CodesController.swift").read_text():
        yield "nobody is asked"


def nobody_approves_on_the_lock_screen(root):
    text = (root / "Sources/KlinkPlatform/Notifications.swift").read_text()
    if re.findall(r"case (deny, open)$", re.search(r"enum Tap[^}]*", text).group().split("{")[1].strip(), re.M) != ["deny, open"]:
        yield "there are other taps than deny and open"
    if "approve" in re.sub(r"//.*", "", text).lower():
        yield "an approval in what answers notifications"
    named = re.search(r'static let category = "(\w+)"', text).group(1)
    extension = (root / "NotificationService/NotificationService.swift").read_text()
    if f'categoryIdentifier = "{named}"' not in extension or "interruptionLevel = .timeSensitive" not in extension:
        yield "what the extension shows has other buttons, or waits"


def every_api_with_a_reason_is_declared_and_used(root):
    for folder in ("App", *EXTENSIONS):
        sources = ("App", "Sources") if folder == "App" else (folder, "Sources/KlinkShared")
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
    for path in sorted([*root.glob("*/*.xcstrings"), *root.glob("Sources/*/Words/*.xcstrings")]):
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
    for folder in EXTENSIONS:
        text = "\n".join(swift(root, folder).values())
        said = set(re.findall(r'"([a-z]+\.[a-z_]+)"', text))
        catalogue = root / folder / "Localizable.xcstrings"
        known = set(strings(catalogue)) if catalogue.exists() else set()
        for key in sorted(said ^ known):
            yield f"{folder}: {key} is {'not used' if key in known else 'without words'}"


def icon_and_colours_are_as_they_are_drawn_and_can_be_read(root):
    drawing = subprocess.run([sys.executable, root / "App/draw.py", "--check"], capture_output=True, text=True)
    return drawing.stdout.splitlines() or [drawing.stderr] * (drawing.returncode != 0)


def the_texts_of_the_store_fit(root):
    store = root.parent / "docs/store"
    pictures = len(re.findall(r"^\| \d+ \|", (store / "README.md").read_text(), re.M))
    for language in ("en", "nl"):
        # One line is for another store.
        text = re.sub(r"^.*\(Android\).*\n", "", (store / f"{language}.md").read_text(), flags=re.M)
        parts = [part.strip(" #\n") for part in re.split(r"^\*\*[^*]+\*\*", text, flags=re.M)]
        if len(parts) != 7 or not all(parts):
            yield f"{language} has {len(parts)} parts"
            continue
        for what, most, part in zip(("name", "subtitle", "promotional text", "description", "keywords"), (30, 30, 170, 4000, 100), parts):
            if len(part) > most:
                yield f"{language}: {what} has {len(part)} characters, {most} fit"
        if ", " in parts[4]:
            yield f"{language}: a space in the keywords is lost"
        if len(parts[5].splitlines()) != pictures or pictures < 6:
            yield f"{language}: captions of {len(parts[5].splitlines())} of {pictures} pictures"


CHECKS = [
    every_file_that_the_project_names_exists,
    every_product_that_the_project_names_is_made,
    every_variable_is_set_in_one_place,
    the_information_of_the_app_is_complete,
    the_reasons_are_said_in_both_languages,
    the_app_wakes_up_for_what_it_does,
    the_rights_of_app_and_extensions_are_these,
    every_extension_is_what_it_says_and_without_the_core,
    autofill_fills_in_codes_alone,
    nobody_approves_on_the_lock_screen,
    every_api_with_a_reason_is_declared_and_used,
    no_sentence_is_missing_in_either_language,
    every_sentence_that_is_said_is_in_the_catalogue,
    icon_and_colours_are_as_they_are_drawn_and_can_be_read,
    the_texts_of_the_store_fit,
]

CATALOGUE = "Sources/KlinkViews/Words/Localizable.xcstrings"
# Changes after each of which that check has to fail: file, what stands there, what is put in its place.
CONTROLS = [
    (every_file_that_the_project_names_exists, "project.yml", "App/Info.plist", "App/Infos.plist"),
    (every_file_that_the_project_names_exists, "project.yml", "ShareExtension.entitlements", "Share.entitlements"),
    (every_product_that_the_project_names_is_made, "project.yml", "product: KlinkApp", "product: KlinkApps"),
    (every_product_that_the_project_names_is_made, "project.yml", "product: KlinkShared", "product: KlinkRust"),
    (every_variable_is_set_in_one_place, "App/Info.plist", "$(MARKETING_VERSION)", "$(MARKET_VERSION)"),
    (the_information_of_the_app_is_complete, "App/Info.plist", "<string>pushenrol</string>", "<string>push</string>"),
    (the_reasons_are_said_in_both_languages, "App/InfoPlist.xcstrings", "Klink leest", ""),
    (the_reasons_are_said_in_both_languages, "AutoFillExtension/InfoPlist.xcstrings", "before it fills in", "as it fills in"),
    (the_app_wakes_up_for_what_it_does, "App/Info.plist", ").upkeep", ").care"),
    (the_app_wakes_up_for_what_it_does, "App/Info.plist", "<string>fetch</string>", "<string>audio</string>"),
    (the_rights_of_app_and_extensions_are_these, "App/Klink.entitlements", "CompleteUntilFirstUserAuthentication", "Complete"),
    (the_rights_of_app_and_extensions_are_these, "WidgetExtension/WidgetExtension.entitlements", "KLINK_APP_GROUP", "OTHER"),
    (
        every_extension_is_what_it_says_and_without_the_core, "NotificationService/NotificationService.swift",
        "import Foundation\n", "import Foundation\nimport KlinkCore\n",
    ),
    (every_extension_is_what_it_says_and_without_the_core, "project.yml", "- target: ShareExtension", "- target: Klink"),
    (every_extension_is_what_it_says_and_without_the_core, "Sources/KlinkShared/Pack.swift", "import CryptoKit", "import KlinkCore"),
    (every_extension_is_what_it_says_and_without_the_core, "WidgetExtension/Info.plist", "widgetkit-extension", "widget-extension"),
    (autofill_fills_in_codes_alone, "AutoFillExtension/Info.plist", "ProvidesOneTimeCodes", "ProvidesPasswords"),
    (autofill_fills_in_codes_alone, "AutoFillExtension/CodesController.swift", "evaluatePolicy", "canEvaluatePolicy"),
    (nobody_approves_on_the_lock_screen, "Sources/KlinkPlatform/Notifications.swift", "case deny, open", "case deny, open, approve"),
    (nobody_approves_on_the_lock_screen, "NotificationService/NotificationService.swift", ".timeSensitive", ".active"),
    (every_api_with_a_reason_is_declared_and_used, "App/PrivacyInfo.xcprivacy", "CA92.1", "1C8F.1"),
    (every_api_with_a_reason_is_declared_and_used, "Sources/KlinkShared/AppGroup.swift", "Bundle.main.object", "UserDefaults.standard.object"),
    (no_sentence_is_missing_in_either_language, CATALOGUE, "Goedgekeurd", " "),
    (no_sentence_is_missing_in_either_language, "ShareExtension/Localizable.xcstrings", "Klink kon", ""),
    (every_sentence_that_is_said_is_in_the_catalogue, "App/KlinkMain.swift", '"prompt.unlock"', '"prompt.unlocked"'),
    (every_sentence_that_is_said_is_in_the_catalogue, "WidgetExtension/Localizable.xcstrings", '"widget.show"', '"widget.shown"'),
    (icon_and_colours_are_as_they_are_drawn_and_can_be_read, "App/Assets.xcassets/Warn.colorset/Contents.json", "0x7A", "0x7B"),
    (the_texts_of_the_store_fit, "../docs/store/nl.md", "Aanmeldcodes en", "Aanmeldcodes en nog veel meer, en"),
    (the_texts_of_the_store_fit, "../docs/store/en.md", "7. On your", "On your home screen\n8. On your"),
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
        shutil.copytree(root.parent / "docs/store", pathlib.Path(folder) / "docs/store")
        assert {check for check, *_ in CONTROLS} == set(CHECKS), "a check without a control"
        for check, file, old, new in CONTROLS:
            path = copy / file
            text = path.read_text()
            assert old in text, f"{file} has no {old}"
            path.write_text(text.replace(old, new, 1) if new else re.sub(rf"{old}[^\"]*", "", text, count=1))
            seen = bool(list(check(copy)))
            path.write_text(text)
            name = check.__name__.replace("_", " ")
            print(f"check control: {file} broken, it fails: {name}" + ("" if seen else " FAILED : it does not"))
            failed += not seen
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
