// swift-tools-version: 6.0
import Foundation
import PackageDescription

let files = FileManager.default

/// What lies in a folder of this package, in the order of the names.
func names(in folder: String) -> [String] {
    let all: [String] = (try? files.contentsOfDirectory(atPath: Context.packageDirectory + "/" + folder)) ?? []
    return all.filter { !$0.hasPrefix(".") }.sorted()
}

/// What a folder has that is no Swift: property lists and pictures, which Xcode puts into the bundle.
func others(in folder: String) -> [String] { names(in: folder).filter { !$0.hasSuffix(".swift") } }

// On Linux, Apple's modules are our own small stand-ins: they compile the same views and adapters, and render to text.
// Apple's tools compile the string catalogue; on Linux it is read as it is.
#if os(Linux)
let stubs: [String] = names(in: "Stubs")
let words: [Resource] = [.copy("Words/Localizable.xcstrings")]
#else
let stubs: [String] = []
let words: [Resource] = [.process("Words/Localizable.xcstrings")]
#endif
// A stand-in that imports another.
let imports: [String: [Target.Dependency]] = [
    "SwiftUI": ["UniformTypeIdentifiers", "UIKit"],
    "UIKit": ["UniformTypeIdentifiers"],
    "PhotosUI": ["SwiftUI"],
    "AVFoundation": ["UIKit"],
    "AppIntents": ["SwiftUI"],
    "WidgetKit": ["SwiftUI"],
    "AuthenticationServices": ["UIKit"],
]

let core: Target.Dependency = .product(name: "KlinkCore", package: "KlinkCore")
let apple: [Target.Dependency] = stubs.map { Target.Dependency.byName(name: $0) }
let models: [Target.Dependency] = [core, "KlinkModels"]
var onModels: [Target.Dependency] = models
onModels += apple
// What extensions have too: no Rust.
var onShared: [Target.Dependency] = apple
onShared += ["KlinkShared"]
var inPlatform: [Target.Dependency] = onModels
inPlatform += ["KlinkShared"]
var onPlatform: [Target.Dependency] = inPlatform
onPlatform += ["KlinkPlatform"]
var onAll: [Target.Dependency] = onPlatform
onAll += ["KlinkViews"]

var targets: [Target] = [
    .target(name: "KlinkModels", dependencies: [core]),
    .target(name: "KlinkViews", dependencies: onModels, resources: words),
    .target(name: "KlinkShared", dependencies: apple),
    .target(name: "KlinkPlatform", dependencies: inPlatform),
    .testTarget(name: "KlinkModelsTests", dependencies: models),
]
for stub in stubs { targets.append(.target(name: stub, dependencies: imports[stub] ?? [], path: "Stubs/" + stub)) }
// What Xcode builds as the app and its extensions is compiled here as well; what reads trees is tested here alone.
#if os(Linux)
targets.append(.target(name: "Klink", dependencies: onAll, path: "App", exclude: others(in: "App")))
let extensions: [String] = ["NotificationService", "ShareExtension", "AutoFillExtension"]
for name in extensions { targets.append(.target(name: name, dependencies: onShared, path: name, exclude: others(in: name))) }
// A widget has a main of its own, which a test cannot link unless it is a program.
let widget = "WidgetExtension"
// Swift 6.0's libswiftObservation.so leaves a symbol undefined that nothing exports.
let linker: [LinkerSetting] = [.unsafeFlags(["-Xlinker", "--allow-shlib-undefined"])]
targets.append(.executableTarget(name: widget, dependencies: onShared, path: widget, exclude: others(in: widget), linkerSettings: linker))
var onExtensions: [Target.Dependency] = onPlatform
onExtensions += ["WidgetExtension", "AutoFillExtension"]
targets.append(.testTarget(name: "StubsTests", dependencies: apple))
targets.append(.testTarget(name: "KlinkPlatformTests", dependencies: onExtensions))
targets.append(.testTarget(name: "KlinkViewsTests", dependencies: onAll, exclude: ["Snapshots"]))
targets.append(.testTarget(name: "KlinkJourneyTests", dependencies: [core, "KlinkModels", "KlinkViews"]))
#endif

let package = Package(
    name: "KlinkApp",
    defaultLocalization: "en",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "KlinkApp", targets: ["KlinkModels", "KlinkViews", "KlinkPlatform"]),
        .library(name: "KlinkShared", targets: ["KlinkShared"]),
    ],
    dependencies: [.package(name: "KlinkCore", path: "../bindings/swift")],
    targets: targets,
    swiftLanguageModes: [.v6]
)
