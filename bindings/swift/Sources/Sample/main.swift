import Foundation
import KlinkCore

// The shell's two halves: on a phone they stand on the Keychain and the Secure Enclave.
final class NoKeys: DeviceKeys {
    func kinds() -> [KeyKind] { [] }
    func make(alias: String, kind: KeyKind, presence: Presence, challenge: Data?) throws -> MadeKey { throw KeyStoreError.Unavailable }
    func sign(alias: String, message: Data, purpose: Purpose) throws -> Data { throw KeyStoreError.Missing }
    func put(slot: String, secret: Data, presence: Presence) throws { throw KeyStoreError.Unavailable }
    func get(slot: String, purpose: Purpose) throws -> Data { throw KeyStoreError.Missing }
    func delete(alias: String) throws {}
    func cancel(alias: String) {}
}

final class NoAnchor: Anchor {
    func load(vaultId: String) throws -> StoredAnchor { .absent }
    func store(vaultId: String, record: AnchorRecord) throws { throw KeyStoreError.Unavailable }
    func list() throws -> [String] { [] }
    func archive(vaultId: String) throws {}
}

let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
let keys = NoKeys()
let anchor = NoAnchor()

let klink = Authenticator(setup: Setup(folder: folder, localHosts: .refused), anchor: anchor, keys: keys)
_ = try await klink.create(new: NewVault(passphrase: Data("walnut harbour quilt".utf8)), atMs: Date().unixMs)

let session = ScanSession()
if case .account(let found) = session.takeText(text: "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP") {
    _ = try await klink.addScanned(session: session, number: found.number, pin: nil, atMs: Date().unixMs)
}
let accounts = try klink.accounts()
let codes = try klink.codes(atMs: Date().unixMs, offsetMs: 0, ids: accounts.map(\.id))
print(codes.rows.compactMap(\.code?.text), codes.nextChangeAt ?? .distantFuture)

klink.lock()
