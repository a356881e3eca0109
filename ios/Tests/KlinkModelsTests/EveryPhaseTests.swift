import Foundation
import Testing

/// Every phase of every model is named in the tests of that model: a phase that is added fails here until it is tested.
@Suite struct EveryPhaseTests {
    static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let models = tests.appendingPathComponent("../../Sources/KlinkModels")

    /// The cases of the enum `Phase` in a model's source.
    static func phases(in source: String) -> [String] {
        guard let begin = source.range(of: "public enum Phase") else { return [] }
        var depth = 0, body = ""
        for character in source[begin.upperBound...] {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1; if depth == 0 { break } }
            if depth > 0 { body.append(character) }
        }
        let words = body.split(separator: "\n").filter { !$0.contains("///") }.joined(separator: " ")
            .replacingOccurrences(of: "{", with: " ")
        // What a case carries is no case.
        var bare = "", inside = 0
        for character in words {
            if character == "(" { inside += 1 }
            if inside == 0 { bare.append(character) }
            if character == ")" { inside -= 1 }
        }
        return bare.components(separatedBy: "case ").dropFirst().flatMap { part in
            part.split(separator: ",").map { $0.split { !$0.isLetter }.first.map(String.init) ?? "" }
        }
    }

    static func files(in folder: URL) throws -> [(name: String, text: String)] {
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return try (all?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }.map {
            ($0.deletingPathExtension().lastPathComponent, try String(contentsOf: $0, encoding: .utf8))
        }
    }

    /// The text of the suite of a model, in whichever file it is.
    static func suite(of model: String, in tests: [(name: String, text: String)]) -> String? {
        for (_, text) in tests {
            if let begin = text.range(of: "struct \(model)Tests {") {
                let rest = text[begin.upperBound...]
                return String(rest[..<(rest.range(of: "\n}")?.lowerBound ?? rest.endIndex)])
            }
        }
        return nil
    }

    @Test func everyPhaseIsTested() throws {
        let tests = try Self.files(in: Self.tests)
        var models = 0
        for (name, text) in try Self.files(in: Self.models) where name.hasSuffix("Model") {
            models += 1
            let phases = Self.phases(in: text)
            #expect(!phases.isEmpty, "\(name) has no phases")
            guard let suite = Self.suite(of: name, in: tests) else {
                #expect(Bool(false), "\(name) has no suite")
                continue
            }
            for phase in phases {
                // The screens of the whole app are told by name.
                let isNamed = suite.contains(".\(phase)") || name == "AppModel" && suite.contains("\"\(phase)\"")
                #expect(isNamed, "no test of \(name) reaches .\(phase)")
            }
        }
        #expect(models >= 20)
    }

    @Test func aPhaseThatNobodyTestsWouldBeFound() {
        let source = "public enum Phase: Equatable { case ready, working(Int, x: Int)\n /// case no\n case failed(Sentence)\n }"
        #expect(Self.phases(in: source) == ["ready", "working", "failed"])
        #expect(Self.phases(in: "public enum Phase { case shown, typing }") == ["shown", "typing"])
        #expect(Self.suite(of: "Odd", in: [("a", "struct OddTests {\n .shown\n}\n .typing")])?.contains(".typing") == false)
    }
}
