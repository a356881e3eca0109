import Foundation

/// What the notification extension leaves for the app, as the core reads it: `<32 hex digits>.msg`, each in one step.
public struct Spool: Sendable {
    public static let most = 256, mostBytes = 16 * 1024
    let folder: URL

    public init(folder: URL) { self.folder = folder }

    public func leave(_ bytes: Data) throws {
        guard bytes.count <= Self.mostBytes, try waiting(in: folder).count < Self.most else { return }
        let name = UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        try bytes.write(to: folder.appendingPathComponent("\(name).msg"), options: .atomic)
    }
}

extension Data {
    /// Reads a sealed wake-up as the relay writes it: base64 with `-` and `_` and without padding (RFC 4648 section 5).
    public init?(wakeUp text: String) {
        let usual = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        self.init(base64Encoded: usual + String(repeating: "=", count: (4 - usual.count % 4) % 4))
    }
}

/// What the share extension leaves for the app: texts and files that somebody shared, until the app has read them.
public struct Inbox: Sendable {
    public static let most = 16, mostBytes = 32 * 1024 * 1024

    /// A text or link has no name.
    public struct Item: Equatable, Sendable {
        public let name: String?
        public let bytes: Data
        public init(name: String?, bytes: Data) { (self.name, self.bytes) = (name, bytes) }
    }

    let folder: URL

    public init(folder: URL) { self.folder = folder }

    /// Whether it was kept: too many and too large ones are not.
    public func leave(_ item: Item) throws -> Bool {
        guard item.bytes.count <= Self.mostBytes, try waiting(in: folder).count < Self.most else { return false }
        // A name from outside is no path: letters and digits stay, what else is in it is written as its bytes.
        let name = item.name.map { ".file." + ($0.suffix(60).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "") }
        let file = folder.appendingPathComponent(UUID().uuidString + (name ?? ".text"))
        try item.bytes.write(to: file, options: [.atomic, .completeFileProtection])
        return true
    }

    /// Reads what is there, and deletes it.
    public func take() throws -> [Item] {
        try waiting(in: folder).compactMap { name in
            let file = folder.appendingPathComponent(name)
            defer { try? FileManager.default.removeItem(at: file) }
            guard let bytes = try? Data(contentsOf: file), bytes.count <= Self.mostBytes else { return nil }
            let parts = name.split(separator: ".", maxSplits: 2).map(String.init)
            return Item(name: parts.count > 2 ? parts[2].removingPercentEncoding : nil, bytes: bytes)
        }
    }
}

/// The names in a folder, which is made when it is not there; it is in no backup.
private func waiting(in folder: URL) throws -> [String] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var (folder, values) = (folder, URLResourceValues())
    values.isExcludedFromBackup = true
    try? folder.setResourceValues(values)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}
