import Foundation

/// The files of this package, as text: what a compiler cannot check of them is tested here.
enum Sources {
    static let ios = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Swift files under a folder of `ios`, by their paths from there.
    static func swift(in folder: String) throws -> [String: String] {
        let root = ios.appendingPathComponent(folder)
        let files = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return try Dictionary(
            uniqueKeysWithValues: files.filter { $0.hasSuffix(".swift") }.map {
                ($0, try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8))
            })
    }

    /// The names of an enum's cases, read from its source: `case a, b(C)` on lines of its own.
    static func cases(of name: String, in source: String) -> Set<String> {
        guard let start = source.range(of: "enum \(name)") else { return [] }
        var depth = 0
        var found: Set<String> = []
        for line in source[start.lowerBound...].components(separatedBy: "\n") {
            let words = line.trimmingCharacters(in: .whitespaces)
            if let cases = words.range(of: "case ") , cases.lowerBound == words.startIndex || words.contains("{ case ") {
                let list = words[cases.upperBound...].replacingOccurrences(of: "\\([^)]*\\)|\\}.*", with: "", options: .regularExpression)
                found.formUnion(list.components(separatedBy: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            }
            depth += line.filter { $0 == "{" }.count - line.filter { $0 == "}" }.count
            if depth <= 0 { break }
        }
        return found.subtracting([""])
    }
}
