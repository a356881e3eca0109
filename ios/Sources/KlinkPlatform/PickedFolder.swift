import Foundation
import KlinkCore
import SwiftUI

/// A folder that the user picked for backups, in iCloud Drive or anywhere else that Files shows. It is found again by a
/// bookmark; each call begins and ends its own access.
public final class PickedFolder: BackupFolder {
    private let folder: URL

    init(_ folder: URL) { self.folder = folder }

    private static let key = "backup folder"

    /// Keeps the way to a folder that was just picked.
    public static func keep(_ url: URL) throws {
        let isOpen = url.startAccessingSecurityScopedResource()
        defer { if isOpen { url.stopAccessingSecurityScopedResource() } }
        UserDefaults.standard.set(try url.bookmarkData(), forKey: key)
    }

    /// The folder that was picked; none when none was, or when it cannot be found any more.
    public static func kept() -> PickedFolder? {
        guard let bookmark = UserDefaults.standard.data(forKey: key) else { return nil }
        var isStale = false
        guard let url = try? URL(resolvingBookmarkData: bookmark, bookmarkDataIsStale: &isStale) else { return nil }
        if isStale { try? keep(url) }
        return PickedFolder(url)
    }

    public func list() throws -> [StoredFile] {
        try within {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).compactMap { name in
                let values = try folder.appendingPathComponent(name).resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
                guard values.isRegularFile == true, let size = values.fileSize else { return nil }
                return StoredFile(name: name, bytes: Int64(size))
            }
        }
    }

    public func read(name: String) throws -> Data { try within { try Data(contentsOf: file(name)) } }
    public func write(name: String, bytes: Data) throws { try within { try bytes.write(to: file(name), options: .withoutOverwriting) } }
    public func rename(from: String, to: String) throws { try within { try FileManager.default.moveItem(at: file(from), to: file(to)) } }
    public func delete(name: String) throws { try within { try FileManager.default.removeItem(at: file(name)) } }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func within<T>(_ body: () throws -> T) throws -> T {
        let isOpen = folder.startAccessingSecurityScopedResource()
        defer { if isOpen { folder.stopAccessingSecurityScopedResource() } }
        do {
            return try body()
        } catch let error as CocoaError {
            switch error.code {
            case .fileWriteOutOfSpace: throw FolderError.Full
            case .fileWriteFileExists: throw FolderError.AlreadyExists
            case .fileNoSuchFile, .fileReadNoSuchFile:
                throw FileManager.default.fileExists(atPath: folder.path) ? FolderError.NotFound : .Unavailable
            case .fileReadNoPermission, .fileWriteNoPermission: throw FolderError.Unavailable
            default: throw FolderError.Failed
            }
        }
    }
}
