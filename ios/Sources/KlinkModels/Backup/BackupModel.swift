import Foundation
import KlinkCore
import Observation

/// Backups: how old the last one is, a new one, and what a file has that the vault has not.
@Observable @MainActor
public final class BackupModel: Screen, Asking {
    public enum Phase: Equatable, Sendable, Unlocking {
        case loading
        case shown
        case writing
        /// A file that the system's exporter now puts where the user wants.
        case written(CopyInfo)
        /// The file asks for its own passphrase or recovery code; `unlocking` has the screen.
        case unlocking
        /// What the file has beside the vault; ticked rows are taken.
        case compared(Comparison)
        case merging
        case merged(Int)
        /// Every account of the file was opened and counted.
        case tested(BackupTest)
        case failed(Sentence)
    }

    /// What a file that the user chose is called while it is read.
    static let chosen = "opened.akb"

    public internal(set) var phase = Phase.loading
    public internal(set) var lastGoodAtMs: Int64?
    /// How the backups stand that are written to the user's folder by themselves.
    public internal(set) var rolling: BackupState?
    /// What was done, said once.
    public internal(set) var notice: Sentence?
    public internal(set) var snapshots: [CopyInfo] = []
    public internal(set) var ticked: Set<String> = []
    public internal(set) var unlocking: UnlockModel?
    private var path = ""
    private var key: UnlockKey?

    public func appeared() async {
        await go {
            let health = try await core.verify()
            rolling = try await core.backupState()
            lastGoodAtMs = [health.lastGoodCopyAtMs, rolling?.lastGood?.atMs].compactMap { $0 }.max()
            snapshots = health.snapshots.reversed()
            return .shown
        }
    }

    /// Whether backups are written by themselves.
    public var hasFolder: Bool { phone.backupFolder() != nil }

    /// From now on backups go there by themselves, the newest ten; the first is written now.
    public func folderChosen(_ url: URL) async {
        await go(.writing) {
            try phone.keepBackupFolder(url)
            return .writing
        }
        if phase == .writing { await backUpToFolderButtonTapped() }
    }

    public func backUpToFolderButtonTapped() async {
        guard let folder = phone.backupFolder() else { return }
        await go(.writing) {
            let done = try await core.backUp(folder, false)
            notice = Sentence("backup.in_folder", .text(done.file.name))
            return .shown
        }
        if phase == .shown { await appeared() }
    }

    /// Writes a sealed backup that the user then puts elsewhere; the passphrase or recovery code opens it.
    public func backUpButtonTapped() async {
        let path = phone.temporaryFile("klink.akb")
        await go(.writing) { .written(try await core.writeBackup(path)) }
        if case .failed = phase { phone.removeFile(path) }
    }

    /// The exporter is gone, whatever came of it: what lay between is removed.
    public func exporterClosed() async {
        if case .written(let copy) = phase { phone.removeFile(copy.path) }
        await appeared()
    }

    /// A copy of the file that the user chose is kept until the next start at the latest: the system lets it be read for a moment.
    public func fileChosen(_ url: URL) async {
        let path = phone.temporaryFile(Self.chosen)
        await go(.loading) {
            try phone.writeFile(path, try bytes(of: url))
            return .loading
        }
        if phase == .loading { await fileOpened(path) }
    }

    /// A file was opened: first as it is, and with its own key when this vault's does not open it.
    public func fileOpened(_ path: String) async {
        self.path = path
        key = nil
        await compare(nil)
    }

    public func snapshotTapped(_ number: Int32) async {
        guard let copy = snapshots.first(where: { $0.number == number }) else { return }
        await fileOpened(copy.path)
    }

    /// Whether what the user knows opens the file, and everything in it.
    public func testButtonTapped() async {
        await ask(.handOn, by: WayIn.portable) { [weak self] key in await self?.test(key) }
    }

    public func rowTapped(_ id: String) {
        if ticked.contains(id) { ticked.remove(id) } else { ticked.insert(id) }
    }

    public var canMerge: Bool {
        if case .compared = phase { !ticked.isEmpty } else { false }
    }

    public func mergeButtonTapped() async {
        guard canMerge else { return }
        await go(.merging) {
            let taken = try await core.merge(path, key, ticked.sorted())
            key = nil
            return .merged(Int(taken))
        }
    }

    public func backButtonTapped() async {
        (key, unlocking) = (nil, nil)
        phone.removeFile(phone.temporaryFile(Self.chosen))
        await appeared()
    }

    private func test(_ key: UnlockKey) async {
        await go(.loading) { .tested(try await core.testBackup(path, key)) }
    }

    private func compare(_ key: UnlockKey?) async {
        do {
            let found = try await core.compare(path, key)
            self.key = key
            ticked = Set(found.rows.filter(\.proposed).map(\.account.id))
            phase = .compared(found)
        } catch VaultError.WrongKey where key == nil {
            await ask(.handOn, by: WayIn.portable) { [weak self] in await self?.compare($0) }
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
