import Foundation
import KlinkCore
import Observation

/// The whole app: which screen has the phone, and what lies over it.
@Observable @MainActor
public final class AppModel {
    public enum Phase {
        case starting
        case firstStart(FirstStartModel)
        case locked(UnlockModel)
        case trouble(TroubleModel)
        case open(AccountsModel)
    }

    /// What lies over the list: one thing at a time.
    public enum Destination {
        case add(AddModel)
        case scan(ScanModel)
        case enrol(EnrolModel)
        case account(AccountModel)
        case workAccounts(WorkAccountsModel)
        case workAccount(WorkAccountModel)
        case importing(ImportModel)
        case export(ExportModel)
        case move(MoveModel)
        case backup(BackupModel)
        case trouble(TroubleModel)
        case settings(SettingsModel)
        case groups(GroupsModel)
        case trash(TrashModel)
        case history(HistoryModel)
        case selfCheck(SelfCheckModel)
        case licences(LicencesModel)
    }

    /// One button that mends what is worst.
    public enum Banner: Equatable, Sendable {
        case trouble(ReadOnlyReason)
        case checkWayIn
        case renewRecoveryCode
        case noBackup
        case notificationsOff
    }

    public internal(set) var phase = Phase.starting
    public var destination: Destination?
    /// A request lies over everything; denying needs no open vault.
    public internal(set) var request: ApproveModel?
    public internal(set) var banner: Banner?
    /// The app is not in front: nothing of it is shown in the app switcher.
    public internal(set) var isCovered = false
    private let core: CoreClient
    private let phone: Phone
    /// What came from outside while the vault was locked; shown, and confirmed, once it is open.
    private var link: String?
    private var files: [ImportSource] = []
    private var isReading = false

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
    }

    /// Reads what stands in the vault's folder, and shows the screen for it.
    public func started() {
        Task { await readSpool() }
        do {
            switch try core.status() {
            case .noVault: startFirst()
            case .previousVault: show(.previousVault)
            case .locked(let ways): ask(ways)
            case .unlocked(let mode): opened(mode)
            }
        } catch {
            show(.unreadable(message(for: error)))
        }
    }

    /// Requests as they come, while the app is in front.
    public func follow() async {
        for await event in core.challenges() {
            switch event {
            case .shown(let found): arrived(found)
            // The stream goes on by itself, and the self-check tells what does not work.
            case .failed: continue
            }
        }
    }

    /// What the notification extension left, once: a message is a reason to look, nothing more. Works while locked.
    public func readSpool() async {
        guard !isReading, let folder = phone.spoolFolder() else { return }
        isReading = true
        defer { isReading = false }
        guard let messages = try? await core.takeSpool(folder), !messages.isEmpty else { return }
        for message in messages {
            _ = try? await core.wakeUp(message.bytes)
            // One that cannot be ended comes again, and leads to the same request.
            try? await core.spoolDone(folder, message.id)
        }
        if let found = try? await core.look() { arrived(found) }
    }

    /// Deny was tapped on a notification: the newest request of the account that it was sealed to is denied.
    public func denyTapped(_ sealed: Data) async {
        guard let enrolment = try? await core.wakeUp(sealed), let found = try? await core.look() else { return }
        guard let asked = found.open.first(where: { $0.enrolmentId == enrolment }) else { return }
        // Nobody is there to be told; what failed is shown when the app is opened.
        _ = try? await core.answer(asked.id, .deny(cancelled: false))
    }

    /// What is due while nobody looks, and after an unlock.
    @discardableResult public func upkeep() async -> Upkeep.Done { await Upkeep(core: core, phone: phone).run() }

    /// The system said what it calls this phone, or some time has passed: services are told where wake-ups go. What failed is
    /// tried the next time, and until then the app asks while it is open.
    public func renewWakeUps() async { try? await WakeUps(core: core, phone: phone).run() }

    public func arrived(_ found: Challenges) {
        if let request { found.closed.filter { $0.id == request.challenge.id }.forEach { request.closed($0.outcome) } }
        if case .enrol(let enrol) = destination {
            enrol.arrived(found)
            if enrol.test != nil { return }
        }
        guard request == nil, let newest = found.open.first else { return }
        let model = ApproveModel(challenge: newest, core: core, phone: phone)
        model.onClosed = { [weak self] in self?.request = nil }
        request = model
    }

    public func lockButtonTapped() {
        core.lock()
        started()
    }

    /// The app switcher is about to draw the app, or a prompt of the system lies over it.
    public func becameInactive() { isCovered = true }

    public func wentToBackground() {
        isCovered = true
        report(.enteredBackground)
    }

    public func cameToForeground() {
        isCovered = false
        report(.enteredForeground)
        Task { await readSpool() }
    }

    public func touched() { report(.used) }

    /// A link from outside is never acted upon: it is shown and confirmed like a scanned code.
    public func linkOpened(_ text: String) async {
        guard case .open = phase else {
            link = text
            return
        }
        let scan = scanModel()
        destination = .scan(scan)
        await scan.textPasted(text)
    }

    /// Files from outside are shown before anything of them is taken.
    public func filesOpened(_ sources: [ImportSource]) async {
        guard case .open = phase else {
            files = sources
            return
        }
        importButtonTapped()
        if case .importing(let model) = destination { await model.filesChosen(sources) }
    }

    public func addButtonTapped() {
        let model = AddModel(core: core, phone: phone)
        model.onScan = { [weak self] in self?.show($0) }
        model.onEnrol = { [weak self] in self?.show($0) }
        model.onImport = { [weak self] in self?.importButtonTapped() }
        model.onClosed = { [weak self] in self?.destination = nil }
        destination = .add(model)
    }

    public func scanButtonTapped() { destination = .scan(scanModel()) }

    public func settingsButtonTapped() { destination = .settings(SettingsModel(core: core, phone: phone)) }
    public func groupsButtonTapped() { destination = .groups(GroupsModel(core: core)) }
    public func trashButtonTapped() { destination = .trash(TrashModel(core: core)) }
    public func historyButtonTapped() { destination = .history(HistoryModel(core: core)) }

    public func selfCheckButtonTapped() {
        let model = SelfCheckModel(core: core, phone: phone)
        model.onStep = { [weak self] step in
            switch step {
            case .settings: self?.settingsButtonTapped()
            case .backup: self?.backupButtonTapped()
            case .work: self?.workAccountsButtonTapped()
            case .systemSettings: break
            }
        }
        destination = .selfCheck(model)
    }

    public func importButtonTapped() { show(ImportModel(core: core)) }
    public func exportButtonTapped() { destination = .export(ExportModel(core: core, phone: phone)) }
    public func moveButtonTapped() { _ = showMove() }
    public func licencesButtonTapped() { destination = .licences(LicencesModel()) }

    public func backupButtonTapped() {
        let model = BackupModel(core: core, phone: phone)
        model.onClosed = { [weak self] in self?.destination = nil }
        destination = .backup(model)
    }

    public func workAccountsButtonTapped() {
        let model = WorkAccountsModel(core: core)
        model.onChosen = { [weak self] in self?.show($0) }
        destination = .workAccounts(model)
    }

    public func bannerButtonTapped() {
        switch banner {
        case .trouble(let reason): destination = .trouble(troubleModel(.readOnly(reason)))
        case .checkWayIn, .renewRecoveryCode: settingsButtonTapped()
        case .noBackup: backupButtonTapped()
        case .notificationsOff: phone.openSystemSettings()
        case nil: break
        }
    }

    /// Looks which banner is due: the worst alone is shown.
    public func lookAround() async {
        guard case .open = phase else { return }
        if case .readOnly(let reason)? = mode {
            banner = .trouble(reason)
            return
        }
        let duties = try? await core.duties()
        let health = try? await core.verify()
        if duties?.renewRecoveryCode == true {
            banner = .renewRecoveryCode
        } else if duties?.checkPassphrase == true {
            banner = .checkWayIn
        } else if let health, health.accounts > 0, health.lastGoodCopyAtMs == nil {
            banner = .noBackup
        } else if await phone.notifications() == .denied, let enrolments = try? await core.enrolments(), !enrolments.isEmpty {
            banner = .notificationsOff
        } else {
            banner = nil
        }
    }

    private var mode: VaultMode? {
        if case .unlocked(let mode)? = try? core.status() { mode } else { nil }
    }

    private func startFirst() {
        let model = FirstStartModel(core: core, phone: phone)
        model.onDone = { [weak self] in self?.started() }
        phase = .firstStart(model)
    }

    private func ask(_ ways: [WayIn]) {
        destination = nil
        let model = UnlockModel(act: .open, ways: ways, core: core, phone: phone)
        model.onDone = { [weak self] _, opened in if let opened { self?.opened(opened.mode) } }
        phase = .locked(model)
        if ways.contains(where: { $0.kind == .deviceAlone && !$0.damaged }) { Task { await openWithLockOff() } }
    }

    /// A vault whose lock is off opens without anybody; when it does not, its other ways in are on the screen.
    func openWithLockOff() async {
        guard case .locked = phase, let found = try? await core.unlockWithLockOff() else { return }
        opened(found.mode)
    }

    private func opened(_ mode: VaultMode) {
        try? core.watch(phone.readSettings().limits)
        switch mode {
        case .readWrite:
            showAccounts()
            Task { await upkeep() }
        case .readOnly(let reason): show(.readOnly(reason))
        }
    }

    private func showAccounts() {
        let model = AccountsModel(core: core, phone: phone)
        model.onAccount = { [weak self] in self?.show($0) }
        phase = .open(model)
        if let link {
            self.link = nil
            Task { await linkOpened(link) }
        } else if !files.isEmpty {
            Task { [files] in await filesOpened(files) }
            files = []
        }
    }

    private func show(_ trouble: TroubleModel.Trouble) { phase = .trouble(troubleModel(trouble)) }

    private func troubleModel(_ trouble: TroubleModel.Trouble) -> TroubleModel {
        let model = TroubleModel(trouble, core: core, phone: phone)
        model.onMended = { [weak self] in
            self?.destination = nil
            self?.started()
        }
        model.onShowAccounts = { [weak self] in self?.showAccounts() }
        model.onCompare = { [weak self] number in
            guard let self else { return }
            self.backupButtonTapped()
            if case .backup(let backup) = self.destination {
                Task {
                    await backup.appeared()
                    await backup.snapshotTapped(number)
                }
            }
        }
        return model
    }

    private func scanModel() -> ScanModel {
        let model = ScanModel(core: core, phone: phone)
        wire(model)
        return model
    }

    private func wire(_ model: ScanModel) {
        model.onEnrol = { [weak self] in self?.show($0) }
        model.onImport = { [weak self] in if let self { self.show(ImportModel(core: self.core, preview: $0)) } }
        model.onMove = { [weak self] text in
            guard let model = self?.showMove() else { return }
            Task {
                await model.appeared()
                await model.receiveButtonTapped()
                await model.textPasted(text)
            }
        }
        model.onClosed = { [weak self] in self?.destination = nil }
    }

    private func show(_ model: ScanModel) {
        wire(model)
        destination = .scan(model)
    }

    private func show(_ model: EnrolModel) {
        model.onClosed = { [weak self] in self?.destination = nil }
        destination = .enrol(model)
    }

    private func showMove() -> MoveModel {
        let model = MoveModel(core: core, phone: phone)
        model.onClosed = { [weak self] in self?.destination = nil }
        destination = .move(model)
        return model
    }

    private func show(_ model: ImportModel) {
        model.onClosed = { [weak self] in self?.destination = nil }
        destination = .importing(model)
    }

    private func show(_ account: Account) {
        let model = AccountModel(account: account, core: core, phone: phone)
        model.onWork = { [weak self] in self?.show($0) }
        model.onClosed = { [weak self] in self?.destination = nil }
        destination = .account(model)
    }

    private func show(_ enrolment: Enrolment) {
        let model = WorkAccountModel(enrolment: enrolment, core: core, phone: phone)
        model.onClosed = { [weak self] in self?.workAccountsButtonTapped() }
        destination = .workAccount(model)
    }

    private func report(_ event: LockEvent) {
        if (try? core.report(event)) == true { started() }
    }
}
