import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import KlinkCore
import Synchronization

/// What a key store of a test throws that is none of the six.
struct Odd: Error { let text: String }

/// Keys that lie on the stage, in software; with `refuse` every call that needs a person fails so.
final class SoftKeys: DeviceKeys {
    private let kept = Mutex<[String: (secret: Data?, presence: Presence)]>([:])
    private let refusal = Mutex<(any Error)?>(nil)
    let who: String

    init(who: String) { self.who = who }

    func refuse(_ error: (any Error)?) { refusal.withLock { $0 = error } }

    func kinds() -> [KeyKind] { [.p256] }

    func make(alias: String, kind: KeyKind, presence: Presence, challenge: Data?) throws -> MadeKey {
        guard kind == .p256 else { throw KeyStoreError.Unavailable }
        guard let spki = try? Stage.bytes("keys/\(who)-\(alias)") else { throw KeyStoreError.Unavailable }
        kept.withLock { $0[alias] = (nil, presence) }
        return MadeKey(spki: spki, hardware: false, attestation: nil)
    }

    func sign(alias: String, message: Data, purpose: Purpose) throws -> Data {
        _ = try entry(alias)
        let hex = message.map { String(format: "%02x", $0) }.joined()
        guard let signature = try? Stage.bytes("keys/\(who)-\(alias)/\(hex)") else { throw KeyStoreError.Missing }
        return signature
    }

    func put(slot: String, secret: Data, presence: Presence) throws {
        kept.withLock { $0[slot] = (secret, presence) }
    }

    func get(slot: String, purpose: Purpose) throws -> Data {
        guard let secret = try entry(slot).secret else { throw KeyStoreError.Missing }
        return secret
    }

    func delete(alias: String) throws { kept.withLock { $0[alias] = nil } }

    func cancel(alias: String) {}

    private func entry(_ alias: String) throws -> (secret: Data?, presence: Presence) {
        guard let entry = kept.withLock({ $0[alias] }) else { throw KeyStoreError.Missing }
        if entry.presence != Presence.none, let error = refusal.withLock({ $0 }) { throw error }
        return entry
    }
}

/// Anchors in this process's memory.
final class MemoryAnchor: Anchor {
    private let records = Mutex<[String: AnchorRecord]>([:])

    func load(vaultId: String) throws -> StoredAnchor {
        records.withLock { $0[vaultId] }.map { .present(record: $0) } ?? .absent
    }

    func store(vaultId: String, record: AnchorRecord) throws {
        records.withLock { records in
            if records[vaultId].map({ $0.seq < record.seq }) ?? true { records[vaultId] = record }
        }
    }

    func list() throws -> [String] { records.withLock { Array($0.keys) } }

    func archive(vaultId: String) throws { records.withLock { $0[vaultId] = nil } }
}

/// The reference service, with a user called `who` at its page.
struct Stage {
    let who: String

    init(who: String) throws {
        self.who = who
        _ = try does("begin")
    }

    @discardableResult
    func does(_ act: String) throws -> String { String(decoding: try Self.bytes("\(who)/\(act)"), as: UTF8.self) }

    static func bytes(_ what: String) throws -> Data {
        guard let stage = ProcessInfo.processInfo.environment["KLINK_STAGE"], let url = URL(string: "\(stage)/\(what)")
        else { throw Odd(text: "cargo xtask test swift starts the stage") }
        return try Data(contentsOf: url)
    }
}

/// One phone: its folder, keys and anchors.
struct SoftPhone {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("klink-\(UUID().uuidString)")
    let keys: SoftKeys
    let anchor = MemoryAnchor()

    init(who: String) { keys = SoftKeys(who: who) }

    /// The app as it starts.
    func start() -> Authenticator {
        let setup = Setup(folder: folder.appendingPathComponent("vault").path, localHosts: .allowed)
        return Authenticator(setup: setup, anchor: anchor, keys: keys)
    }
}

func now() -> Int64 { Date().unixMs }

/// The boot clock: on Linux it is what the kernel says.
func boot() -> Int64 {
    let uptime = (try? String(contentsOfFile: "/proc/uptime", encoding: .utf8)) ?? "0 0"
    return Int64((Double(uptime.split(separator: " ")[0]) ?? 0) * 1000)
}

func tell(_ name: String) { print("case \(name)") }
