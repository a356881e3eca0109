import KlinkCore
import Observation

/// Backups: how old the last one is, a new one, and what a file has that the vault has not.
@Observable @MainActor
public final class BackupModel {
    public enum Phase: Equatable, Sendable {
        case loading
        case shown
        case writing
        /// A file that the system's exporter now puts where the user wants.
        case written(CopyInfo)
        /// The file asks for its own passphrase or recovery code; `unlocking` has the screen.
        case locked
        /// What the file has beside the vault; ticked rows are taken.
        case compared(Comparison)
        case merging
        case merged(Int)
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var lastGoodAtMs: Int64?
    public internal(set) var snapshots: [CopyInfo] = []
    public internal(set) var ticked: Set<String> = []
    public internal(set) var unlocking: UnlockModel?
    @ObservationIgnored public var onClosed: () -> Void = {}
    private let core: CoreClient
    private let phone: Phone
    private var path = ""
    private var key: UnlockKey?

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
    }

    public func appeared() async {
        do {
            let health = try await core.verify()
            lastGoodAtMs = health.lastGoodCopyAtMs
            snapshots = health.snapshots.reversed()
            phase = .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }

    /// Writes a sealed backup that the user then puts elsewhere; the passphrase or recovery code opens it.
    public func backUpButtonTapped() async {
        phase = .writing
        let path = phone.temporaryFile("klink.akb")
        do {
            phase = .written(try await core.writeBackup(path))
        } catch {
            phone.removeFile(path)
            phase = .failed(message(for: error))
        }
    }

    /// The exporter is gone, whatever came of it: what lay between is removed.
    public func exporterClosed() async {
        if case .written(let copy) = phase { phone.removeFile(copy.path) }
        await appeared()
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

    public func rowTapped(_ id: String) {
        if ticked.contains(id) { ticked.remove(id) } else { ticked.insert(id) }
    }

    public var canMerge: Bool {
        if case .compared = phase { !ticked.isEmpty } else { false }
    }

    public func mergeButtonTapped() async {
        guard canMerge else { return }
        phase = .merging
        do {
            phase = .merged(Int(try await core.merge(path, key, ticked.sorted())))
            key = nil
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func backButtonTapped() async {
        key = nil
        unlocking = nil
        await appeared()
    }

    private func compare(_ key: UnlockKey?) async {
        unlocking = nil
        do {
            let found = try await core.compare(path, key)
            self.key = key
            ticked = Set(found.rows.filter(\.proposed).map(\.account.id))
            phase = .compared(found)
        } catch VaultError.WrongKey where key == nil {
            await askForKey()
        } catch {
            phase = .failed(message(for: error))
        }
    }

    private func askForKey() async {
        let ways = [WayInKind.passphrase, .recoveryCode].map { WayIn(id: "", kind: $0, createdAtMs: nil, damaged: false) }
        let model = UnlockModel(act: .handOn, ways: ways, core: core, phone: phone)
        model.onDone = { [weak self] key, _ in Task { await self?.compare(key) } }
        unlocking = model
        phase = .locked
    }
}
