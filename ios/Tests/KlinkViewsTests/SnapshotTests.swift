import Foundation
import KlinkModels
import SwiftUI
import Testing

@testable import KlinkViews

/// What every screen says in every phase and language: labels, roles, values, order, and whether it can be used.
///
/// The accepted text lies in `Snapshots`; `KLINK_SNAPSHOTS=accept` writes it anew, for a commit that says why.
/// `KLINK_SCREENS` names a folder for drawings of the screens.
@MainActor
@Suite struct SnapshotTests {
    init() { NSTimeZone.default = TimeZone(secondsFromGMT: 0) ?? .current }

    @Test(arguments: Language.allCases)
    func everyScreenSaysWhatWasAccepted(_ language: Language) throws {
        let folder = Sources.ios.appendingPathComponent("Tests/KlinkViewsTests/Snapshots/\(language.rawValue)")
        let accepts = ProcessInfo.processInfo.environment["KLINK_SNAPSHOTS"] == "accept"
        for (screen, text) in snapshots(language) {
            let file = folder.appendingPathComponent("\(screen).txt")
            if accepts {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            let accepted = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            let differs = zip(text.components(separatedBy: "\n"), accepted.components(separatedBy: "\n")).first { $0 != $1 }
            #expect(text == accepted, "\(language) \(screen): \(differs.map { "\"\($0)\", accepted was \"\($1)\"" } ?? "longer or shorter")")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).map { String($0.dropLast(4)) }
        #expect(Set(files) == Set(Screens.all.map(\.screen)))
    }

    @Test func everyPhaseOfEveryModelIsThere() throws {
        var seen: Set<String> = []
        for (path, source) in try Sources.swift(in: "Sources/KlinkModels") where path.hasSuffix("Model.swift") {
            let screen = String((path as NSString).lastPathComponent.dropLast("Model.swift".count))
            let phases = Set(Screens.all.filter { $0.screen == screen }.map(\.phase))
            #expect(phases == Sources.cases(of: "Phase", in: source), "\(screen)")
            seen.insert(screen)
        }
        #expect(seen == Set(Screens.all.map(\.screen)))
    }

    @Test func aPhaseThatNobodyDrawsIsFound() {
        let source = "enum Phase: Equatable {\n case a\n /// case x\n case b(C), d\n}\nenum Other { case e }"
        #expect(Sources.cases(of: "Phase", in: source) == ["a", "b", "d"])
        #expect(Sources.cases(of: "Phase", in: "enum Phase: Equatable, Sendable { case one, two }") == ["one", "two"])
    }

    @Test func everyModelHasItsView() throws {
        let views = Set(try Sources.swift(in: "Sources/KlinkViews").keys)
        for path in try Sources.swift(in: "Sources/KlinkModels").keys where path.hasSuffix("Model.swift") {
            #expect(views.contains(path.replacingOccurrences(of: "Model.swift", with: "View.swift")), "\(path)")
        }
    }

    @Test(arguments: Language.allCases)
    func everyScreenCanBeWalkedAsText(_ language: Language) throws {
        let folder = ProcessInfo.processInfo.environment["KLINK_SCREENS"].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0) }
        for shown in Screens.all {
            let drawing = Language.$forced.withValue(language) { drawn(shown).drawing }
            #expect(!drawing.isEmpty, "\(shown.screen) \(shown.name)")
            guard let folder else { continue }
            let place = folder.appendingPathComponent("\(language.rawValue)/\(shown.screen)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let spoken = Language.$forced.withValue(language) { drawn(shown).spoken }.map { "  \($0)" }.joined(separator: "\n")
            try "\(drawing)\n\nread aloud:\n\(spoken)\n".write(
                to: place.appendingPathComponent("\(shown.name).txt"), atomically: true, encoding: .utf8)
        }
    }

    private func snapshots(_ language: Language) -> [String: String] {
        Dictionary(grouping: Screens.all, by: \.screen).mapValues { phases in
            phases.map { shown in
                let spoken = Language.$forced.withValue(language) { drawn(shown).spoken }
                // Newer systems put a narrow space before AM and PM.
                let lines = spoken.map { $0.replacingOccurrences(of: "\u{202F}", with: " ") }
                return (["# \(shown.name)"] + lines).joined(separator: "\n") + "\n"
            }.joined(separator: "\n")
        }
    }
}

/// The tree of a screen, in the language that is forced.
@MainActor
func drawn(_ shown: Shown, _ change: (inout EnvironmentValues) -> Void = { _ in }) -> Node {
    var environment = EnvironmentValues()
    environment.locale = Locale(identifier: (Language.forced ?? .en).rawValue)
    change(&environment)
    return tree(shown.view, environment: environment)
}
