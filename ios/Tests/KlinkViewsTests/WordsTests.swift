import Foundation
import KlinkCore
import KlinkModels
import Testing

@testable import KlinkViews

/// The string catalogue: whole, in both languages, and used.
@Suite struct WordsTests {
    /// Keys that are put together from a case's name; each family is listed with the code that makes it.
    private static let families = ["sort.", "auto_lock.", "banner.", "unlock."]
    /// What is put behind a key: a question's title and text, what a format is for, what is good.
    private static let endings = ["_title", "_text", ".good"]

    private func wordings(_ key: String) -> [String: [String: String]] {
        (Catalogue.entries[key]?.localizations ?? [:]).mapValues { wording in
            if let unit = wording.stringUnit { return ["": unit.value] }
            return wording.variations?.plural.mapValues(\.stringUnit.value) ?? [:]
        }
    }

    @Test func everyKeyHasBothLanguages() {
        #expect(Catalogue.entries.count > 300)
        for key in Catalogue.entries.keys {
            let wordings = wordings(key)
            #expect(Set(wordings.keys) == Set(Language.allCases.map(\.rawValue)), "\(key)")
            for (language, forms) in wordings {
                #expect(Set(forms.keys) == [""] || Set(forms.keys) == ["one", "other"], "\(key) \(language)")
                #expect(!forms.values.contains { $0.trimmingCharacters(in: .whitespaces).isEmpty }, "\(key) \(language)")
            }
        }
    }

    @Test func bothLanguagesHaveTheSamePlaces() {
        let place = /%[0-9]+\$(?:@|lld)/
        for key in Catalogue.entries.keys {
            // "One account" needs no figure.
            let forms = wordings(key).values.map { $0["other"] ?? $0[""] ?? "" }
            let places = forms.map { Set($0.matches(of: place).map { String($0.output) }) }
            #expect(Set(places).count == 1, "\(key): \(places)")
            let isPlural = wordings(key)["en"]?.count == 2
            if isPlural { #expect(places.first == ["%1$lld"], "\(key): a plural has its count as its only place") }
        }
    }

    @Test func everyKeyThatIsSaidIsThereAndEveryKeyThatIsThereIsSaid() throws {
        let key = /"([a-z][a-z_]*(?:\.[A-Za-z_]+)+)"/
        var said: Set<String> = []
        let files = try Array(Sources.swift(in: "Sources")) + Array(Sources.swift(in: "App"))
        for (path, source) in files where !path.contains("Samples") {
            for match in source.matches(of: key) {
                let before = source[..<match.range.lowerBound].suffix(40)
                // Names of system pictures, and of what the Keychain and queues hold.
                if match.output.1.hasPrefix("app.klink.") || before.hasSuffix("systemImage: ") || before.contains("sign: ") || before.contains("systemName: ") { continue }
                said.insert(String(match.output.1))
            }
        }
        let there = Set(Catalogue.entries.keys)
        let missing = said.subtracting(there).filter { key in there.contains { $0.hasPrefix(key.prefix { $0 != "." } + ".") } }
        #expect(missing.isEmpty)
        let unsaid = there.subtracting(said).filter { key in
            !Self.families.contains { key.hasPrefix($0) } && !Self.endings.contains { key.hasSuffix($0) && said.contains(String(key.dropLast($0.count))) }
        }
        #expect(unsaid.isEmpty)
    }

    @Test func keysPutTogetherAreThere() {
        let keys = Settings.Sort.allCases.map { "sort.\($0.rawValue)" } + Settings.AutoLock.allCases.map { "auto_lock.\($0.rawValue)" }
            + ["open", "confirm", "check", "hand_on"].flatMap { ["unlock.\($0)", "unlock.\($0)_text", "unlock.\($0)_button"] }
            + ["check_way_in", "renew_recovery_code", "no_backup", "notifications_off"].flatMap { ["banner.\($0)", "banner.\($0)_button"] }
        let asked = ["account.remove", "work.remove", "groups.delete", "trouble.new", "settings.lock_off"].flatMap { ["\($0)_title", "\($0)_text"] }
        let good = ["screen_lock", "keys", "vault", "clock", "notifications", "camera", "battery", "hibernation", "wake_ups", "backup", "passphrase"]
        let formats = [ExportFormat.uriList, .aegis, .googleMigration, .sheet, .cxf, .codes].map { "\(KlinkViews.key(for: $0))_text" }
        for key in keys + asked + formats + good.map({ "check.\($0).good" }) + ["banner.trouble_button"] { #expect(Catalogue.entries[key] != nil, "\(key)") }
    }

    @Test func noViewHasWordsOfItsOwn() throws {
        let literal = /(?:Text|Button|Label|Section|Toggle|Picker|TextField|SecureField|navigationTitle|accessibilityLabel|accessibilityHint)\("/
        for (path, source) in try Sources.swift(in: "Sources/KlinkViews") {
            // `WideButton("button.next")` and the like take a key.
            for match in source.matches(of: literal) where source[..<match.range.lowerBound].last?.isLetter != true {
                let line = source[match.range.lowerBound...].prefix { $0 != "\n" }
                #expect(line.contains("as String"), "\(path): \(line)")
            }
        }
    }

    @Test func placesAreFilledAndPluralsChosen() {
        Language.$forced.withValue(.en) {
            #expect(say("approve.login", .text("Hours"), .text("Hupra")) == "Sign in to Hours at Hupra?")
            #expect(say("accounts.changes_in", .count(1)) == "The code changes in 1 second")
            #expect(say("accounts.changes_in", .count(5)) == "The code changes in 5 seconds")
        }
        Language.$forced.withValue(.nl) {
            #expect(say("approve.login", .text("Hours"), .text("Hupra")) == "Aanmelden bij Hours van Hupra?")
            #expect(say("accounts.changes_in", .count(1)) == "De code verandert over 1 seconde")
        }
        #expect(say("no.such.key") == "no.such.key")
    }

    @Test func codesAreGrouped() {
        #expect(grouped("287082") == "287\u{2009}082")
        #expect(grouped("12345678") == "1234\u{2009}5678")
        #expect(grouped("B7GK2") == "B7GK2")
    }
}
