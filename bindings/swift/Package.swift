// swift-tools-version: 6.0
import PackageDescription

// On Linux the library lies where cargo puts it; on Apple's systems it comes as a framework that
// `cargo xtask xcframework` makes.
#if os(Linux)
let library = Context.environment["KLINK_LIBRARY"] ?? Context.packageDirectory + "/../../target/debug"
let core: Target = .systemLibrary(name: "KlinkCoreFFI")
let linker: [LinkerSetting] = [
    .linkedLibrary("authenticator"),
    .unsafeFlags(["-L\(library)", "-Xlinker", "-rpath", "-Xlinker", library]),
    // Swift 6.0's libswiftObservation.so leaves a symbol undefined that nothing exports.
    .unsafeFlags(["-Xlinker", "--allow-shlib-undefined"]),
]
#else
let core: Target = .binaryTarget(name: "KlinkCoreFFI", path: "KlinkCoreFFI.xcframework")
let linker: [LinkerSetting] = []
#endif

let package = Package(
    name: "KlinkCore",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "KlinkCore", targets: ["KlinkCore"])],
    targets: [
        core,
        // What UniFFI generates is not Swift 6 yet; who uses it may be.
        .target(
            name: "KlinkCore", dependencies: ["KlinkCoreFFI"],
            swiftSettings: [.swiftLanguageMode(.v5)], linkerSettings: linker),
        .executableTarget(name: "Sample", dependencies: ["KlinkCore"]),
        .testTarget(name: "KlinkCoreTests", dependencies: ["KlinkCore"]),
    ],
    swiftLanguageModes: [.v6]
)
