import Foundation
import KlinkCore
import Observation

/// The whole app: which screen has the phone, and what lies over it.
@Observable @MainActor
public final class AppModel: Screen {
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

    public internal(set) var phase = Phase.starting
    public var destination: Destination?
    /// A request lies over everything; denying needs no open vault.
    public internal(set) var request: ApproveModel?
    public internal(set) var banner: Banner?
    /// The app is not in front: nothing of it is shown in the app switcher.
    public internal(set) var isCovered = false
    /// What came from outside while the vault was locked; shown, and confirmed, once it is open.
    private var link: String?
    private var files: [ImportSource] = []
    private var isReading = false

    public init(core: CoreClient, phone: Phone) {
        super.init(core: core, phone: phone)
        onward = { [weak self] in self?.destination = $0 }
    }

    /// Reads what stands in the vault's folder, and shows the screen for it.
    public func started() {
        // A backup that was opened lies here when its screen was swiped away, or the app ended.
        phone.removeFile(phone.temporaryFile(BackupModel.chosen))
        Task { await readSpool() }
        do {
            switch try core.status() {
            case .noVault: phase = .firstStart(FirstStartModel(core: core, phone: phone) { [weak self] _ in self?.started() })
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
        request?.arrived(found)
        if case .enrol(let enrol) = destination {
            enrol.arrived(found)
            if enrol.test != nil { return }
        }
        guard request == nil, let newest = found.open.first else { return }
        request = ApproveModel(challenge: newest, core: core, phone: phone) { [weak self] _ in self?.request = nil }
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
        guard case .open = phase else { return link = text }
        let scan = ScanModel(from: self)
        destination = .scan(scan)
        await scan.textPasted(text)
    }

    /// Files from outside are shown before anything of them is taken.
    public func filesOpened(_ sources: [ImportSource]) async {
        guard case .open = phase else { return files = sources }
        let model = ImportModel(from: self)
        destination = .importing(model)
        await model.filesChosen(sources)
    }

    public func addButtonTapped() { destination = .add(AddModel(from: self)) }
    public func scanButtonTapped() { destination = .scan(ScanModel(from: self)) }

    public func bannerButtonTapped() {
        if let reason = banner?.reason { destination = .trouble(troubleModel(.readOnly(reason))) }
        if let place = banner?.place { placeTapped(place) }
    }

    /// Looks which banner is due: the worst alone is shown.
    public func lookAround() async {
        guard case .open = phase else { return }
        if case .unlocked(.readOnly(let reason))? = try? core.status() { return banner = .trouble(reason) }
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
        phase = .open(AccountsModel(from: self))
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
        let model = TroubleModel(trouble, core: core, phone: phone, onward: onward)
        model.onMended = { [weak self] in
            self?.destination = nil
            self?.started()
        }
        model.onShowAccounts = { [weak self] in self?.showAccounts() }
        return model
    }

    private func report(_ event: LockEvent) {
        if (try? core.report(event)) == true { started() }
    }
}

/// What is worst, and one button that mends it.
public struct Banner: Equatable, Sendable {
    let name: String
    /// Where it is mended; or why the vault is not changed, which has a screen of its own.
    var place: Place?
    var reason: ReadOnlyReason?

    static func trouble(_ reason: ReadOnlyReason) -> Self { Self(name: "trouble", reason: reason) }
    static let checkWayIn = Self(name: "check_way_in", place: .settings)
    static let renewRecoveryCode = Self(name: "renew_recovery_code", place: .settings)
    static let noBackup = Self(name: "no_backup", place: .backup)
    static let notificationsOff = Self(name: "notifications_off", place: .systemSettings)

    public var says: Sentence { reason.map { message(for: $0) } ?? Sentence("banner.\(name)") }
    public var button: Sentence { Sentence("banner.\(name)_button") }
}
