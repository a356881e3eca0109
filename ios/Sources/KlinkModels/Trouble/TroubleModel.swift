import KlinkCore
import Observation

/// A vault that is not as it should be: why, and what can be done. Nothing is deleted here.
@Observable @MainActor
public final class TroubleModel: Screen, Asking {
    /// What is wrong.
    public enum Trouble: Equatable, Sendable {
        /// It is open and is not changed.
        case readOnly(ReadOnlyReason)
        /// An earlier installation left an anchor, and the file is gone.
        case previousVault
        /// The file cannot be opened at all.
        case unreadable(Sentence)
    }

    public enum Phase: Equatable, Sendable, Unlocking {
        case loading
        case shown
        case working
        /// Asks once more before a new vault is begun.
        case startingNew
        /// The user's key is needed; `unlocking` has the screen.
        case unlocking
        /// What can be had of the file; nothing was changed.
        case salvage(SalvageProposal)
        /// A file for the system's exporter.
        case written(CopyInfo)
        case failed(Sentence)
    }

    public let trouble: Trouble
    public internal(set) var phase = Phase.loading
    public internal(set) var steps: [NextStep] = []
    public internal(set) var unlocking: UnlockModel?
    public internal(set) var leftOut: Set<String> = []

    /// The vault was accepted, salvaged or restored, or a new one may be made: look at its state again.
    @ObservationIgnored public var onMended: () -> Void = {}
    /// The list, codes and exports still work.
    @ObservationIgnored public var onShowAccounts: () -> Void = {}
    private var key: UnlockKey?

    public init(_ trouble: Trouble, core: CoreClient, phone: Phone, onward: Onward? = nil) {
        self.trouble = trouble
        super.init(core: core, phone: phone, onward: onward)
    }

    public var says: Sentence {
        switch trouble {
        case .readOnly(let reason): message(for: reason)
        case .previousVault: Sentence("trouble.previous_vault")
        case .unreadable(let why): why
        }
    }

    public func appeared() async {
        await go {
            steps = try await core.nextSteps()
            return .shown
        }
    }

    public func stepTapped(_ step: NextStep) async {
        switch step {
        case .tryAgain:
            core.lock()
            onMended()
        case .updateApp: phone.openStore()
        case .accept: await act { try await core.accept() }
        case .acceptAndMerge(let number):
            await act { try await core.accept() }
            if phase == .shown { await compare(number) }
        case .salvage: await ask { [weak self] in await self?.salvage($0) }
        case .restore(let number): await ask { [weak self] in await self?.restore(number, $0) }
        case .backUp: await backUp()
        case .startNew: phase = .startingNew
        }
    }

    public func showAccountsButtonTapped() { onShowAccounts() }
    public func backButtonTapped() { phase = .shown }

    /// Puts the anchor of the vault that is gone aside.
    public func startNewConfirmed() async {
        guard phase == .startingNew else { return }
        await act { try await core.archivePrevious() }
    }

    public func salvagedRowTapped(_ id: String) {
        if leftOut.contains(id) { leftOut.remove(id) } else { leftOut.insert(id) }
    }

    public func salvageButtonTapped() async {
        guard case .salvage = phase, let key else { return }
        await act { _ = try await core.commitSalvage(leftOut.sorted(), key) }
        self.key = nil
    }

    public func exporterClosed() {
        if case .written(let copy) = phase { phone.removeFile(copy.path) }
        phase = .shown
    }

    /// What the snapshot has besides is taken there.
    private func compare(_ number: Int32) async {
        let backup = BackupModel(from: self)
        onward?(.backup(backup))
        await backup.appeared()
        await backup.snapshotTapped(number)
    }

    private func salvage(_ key: UnlockKey) async {
        await go(.working) {
            let proposal = try await core.salvagePreview(key)
            self.key = key
            return .salvage(proposal)
        }
    }

    private func restore(_ number: Int32, _ key: UnlockKey) async {
        await act {
            guard let copy = try await core.snapshots().first(where: { $0.number == number }) else { return }
            _ = try await core.restoreBackup(copy.path, key)
        }
    }

    private func backUp() async {
        await go(.working) { .written(try await core.writeBackup(phone.temporaryFile("klink.akb"))) }
    }

    /// A vault that does not open says nothing of its ways in.
    private func ask(_ then: @escaping @MainActor (UnlockKey) async -> Void) async {
        let ways = (try? await core.waysIn()) ?? []
        await ask(.handOn, by: ways.isEmpty ? WayIn.portable : ways, then: then)
    }

    private func act(_ act: @MainActor () async throws -> Void) async {
        await go(.working) {
            try await act()
            onMended()
            return .shown
        }
    }
}
