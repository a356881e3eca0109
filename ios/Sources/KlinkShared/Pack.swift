import CryptoKit
import Foundation

/// Codes of some hours that the app made beforehand and sealed for its extensions. No seed is in it, and nothing that counts.
///
/// Form: docs/vault-format.md, "Packs".
public struct Pack: Decodable, Sendable {
    /// One account's codes.
    public struct Account: Decodable, Identifiable, Sendable {
        public let id, issuer, accountName: String
        let fromMs, periodMs: Int64
        let codes: [String]

        /// The code at a moment in Unix milliseconds; none before and after what was made, and where a step has none.
        public func code(atMs ms: Int64) -> String? {
            guard periodMs > 0, ms >= fromMs else { return nil }
            let step = (ms - fromMs) / periodMs
            return step < codes.count && !codes[Int(step)].isEmpty ? codes[Int(step)] : nil
        }

        /// When the code of that moment ends, in Unix milliseconds.
        public func endMs(atMs ms: Int64) -> Int64? {
            periodMs > 0 && ms >= fromMs ? fromMs + ((ms - fromMs) / periodMs + 1) * periodMs : nil
        }
    }

    /// Until when it has codes, in Unix milliseconds.
    public let untilMs: Int64
    public let accounts: [Account]

    /// Opens a pack with the key that the app shares.
    public init(_ sealed: Data, key: Data) throws {
        guard sealed.starts(with: Self.magic) else { throw CocoaError(.fileReadCorruptFile) }
        let box = try ChaChaPoly.SealedBox(combined: Data(sealed.dropFirst(Self.magic.count)))
        let text = try ChaChaPoly.open(box, using: SymmetricKey(data: key), authenticating: Self.magic)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Self.self, from: text)
    }

    /// Reads the pack of that name where the app puts it; none when there is none yet.
    public static func read(_ name: String) -> Self? {
        guard let file = AppGroup.file(name), let sealed = try? Data(contentsOf: file), let key = SharedKey.read() else { return nil }
        return try? Self(sealed, key: key)
    }

    /// The moments at which a widget looks different: now; while codes are shown, each change of one; the end of that, and
    /// the end of the pack.
    public func moments(fromMs now: Int64, shownUntilMs: Int64) -> [Int64] {
        var moments: Set = [now, untilMs]
        if shownUntilMs > now {
            moments.insert(shownUntilMs)
            for account in accounts {
                var next = account.endMs(atMs: now)
                while let ms = next, ms < min(shownUntilMs, untilMs) {
                    moments.insert(ms)
                    next = account.endMs(atMs: ms)
                }
            }
        }
        return moments.filter { $0 >= now }.sorted()
    }

    /// The accounts, those first whose issuer stands in one of the hosts.
    public func accounts(for hosts: [String]) -> [Account] {
        let labels = Set(hosts.flatMap { $0.lowercased().split(separator: ".").map(String.init) })
        let fits = { (account: Account) in labels.contains(account.issuer.lowercased().filter { $0.isLetter || $0.isNumber }) }
        return accounts.filter(fits) + accounts.filter { !fits($0) }
    }

    private static let magic = Data("AKW1\n".utf8)
}
