import Foundation
import KlinkModels

/// The languages of the app.
public enum Language: String, CaseIterable, Sendable {
    case en, nl

    /// The language of a test; on a phone the system's choice counts.
    @TaskLocal public static var forced: Language?
}

/// Returns a sentence in the language of the system.
public func say(_ sentence: Sentence) -> String {
    let pattern = Catalogue.pattern(sentence.key, count: sentence.count)
    return sentence.values.enumerated().reduce(pattern) { words, value in
        let text = written(value.element)
        return ["%\(value.offset + 1)$@", "%\(value.offset + 1)$lld"].reduce(words) {
            $0.replacingOccurrences(of: $1, with: text)
        }
    }
}

/// Returns the sentence of a key, with values in its places.
public func say(_ key: String, _ values: Sentence.Value...) -> String { say(Sentence(key, values)) }

/// Returns a code as it is read aloud: each character by itself.
public func spoken(_ code: String) -> String { code.map(String.init).joined(separator: " ") }

/// Returns a code as it is written: 3+3 or 4+4 where it has an even length.
public func grouped(_ code: String) -> String {
    guard code.count == 6 || code.count == 8 else { return code }
    let half = code.index(code.startIndex, offsetBy: code.count / 2)
    return "\(code[..<half])\u{2009}\(code[half...])"
}

private func written(_ value: Sentence.Value) -> String {
    switch value {
    case .text(let text): return text
    case .count(let count): return String(count)
    case .moment(let ms):
        let formatter = DateFormatter()
        formatter.dateStyle = .medium
        formatter.timeStyle = .short
        if let forced = Language.forced { formatter.locale = Locale(identifier: forced.rawValue) }
        return formatter.string(from: Date(timeIntervalSince1970: Double(ms) / 1000))
    }
}

extension Sentence {
    /// The count that chooses singular or plural.
    var count: Int? {
        values.lazy.compactMap { if case .count(let count) = $0 { count } else { nil } }.first
    }
}
