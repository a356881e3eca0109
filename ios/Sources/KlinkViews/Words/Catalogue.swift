import Foundation

/// The string catalogue: on Apple's systems compiled into the bundle, on Linux read as it is.
enum Catalogue {
    /// Returns the words of a key with their places, `%1$@`; the key itself where the catalogue lacks it.
    static func pattern(_ key: String, count: Int?) -> String {
        #if canImport(Darwin)
        let words = bundle.localizedString(forKey: key, value: nil, table: nil)
        // A plural is chosen while it is formatted, and has its count as its only place.
        return count.map { String(format: words, locale: .current, $0) } ?? words
        #else
        let wording = entries[key]?.localizations[(Language.forced ?? .en).rawValue]
        return wording?.stringUnit?.value ?? wording?.variations?.plural[count == 1 ? "one" : "other"]?.stringUnit.value ?? key
        #endif
    }

    #if canImport(Darwin)
    private static var bundle: Bundle {
        guard let forced = Language.forced, let path = Bundle.module.path(forResource: forced.rawValue, ofType: "lproj")
        else { return .module }
        return Bundle(path: path) ?? .module
    }
    #else
    /// What a catalogue holds of one key.
    struct Entry: Decodable {
        struct Unit: Decodable { let state: String; let value: String }
        struct Variation: Decodable { let stringUnit: Unit }
        struct Variations: Decodable { let plural: [String: Variation] }
        struct Wording: Decodable { let stringUnit: Unit?; let variations: Variations? }
        let localizations: [String: Wording]
    }
    private struct File: Decodable { let strings: [String: Entry] }

    static let entries: [String: Entry] = {
        guard let url = Bundle.module.url(forResource: "Localizable", withExtension: "xcstrings"),
            let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data)
        else { fatalError("the package has no string catalogue") }
        return file.strings
    }()
    #endif
}
