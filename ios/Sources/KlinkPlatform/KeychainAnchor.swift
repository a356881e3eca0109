import Foundation
import KlinkCore
import os

/// What says how new the vault must be, in the Keychain, which outlives the app: a file put back is noticed.
public final class KeychainAnchor: Anchor {
    private let records = Keychain(service: "app.klink.anchors")
    private let old = Keychain(service: "app.klink.anchors.archived")
    /// Two stores at once must not lower it.
    private let lock = OSAllocatedUnfairLock<Void>(uncheckedState: ())

    public init() {}

    public func load(vaultId: String) throws -> StoredAnchor {
        guard let bytes = try records.get(vaultId) else { return .absent }
        guard let record = Self.read(bytes) else { return .torn }
        return .present(record: record)
    }

    public func store(vaultId: String, record: AnchorRecord) throws {
        try lock.withLockUnchecked { _ in
            if let bytes = try records.get(vaultId), let kept = Self.read(bytes), kept.seq >= record.seq { return }
            try records.replace(vaultId, Self.print(record))
        }
    }

    public func list() throws -> [String] { try records.accounts() }

    public func archive(vaultId: String) throws {
        if let bytes = try records.get(vaultId) { try old.replace(vaultId, bytes) }
        try records.delete(vaultId)
    }

    /// The number in eight bytes, the highest first, then 32, 32 and 16 bytes: a record of another length is torn.
    static func print(_ record: AnchorRecord) -> Data {
        var bytes = Data()
        withUnsafeBytes(of: record.seq.bigEndian) { bytes.append(contentsOf: $0) }
        return bytes + record.rootMac + record.prevRoot + record.branch
    }

    static func read(_ bytes: Data) -> AnchorRecord? {
        guard bytes.count == 88 else { return nil }
        let bytes = Data(bytes)
        let seq = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let seq = Int64(exactly: seq) else { return nil }
        return AnchorRecord(seq: seq, rootMac: bytes[8..<40], prevRoot: bytes[40..<72], branch: bytes[72..<88])
    }
}
