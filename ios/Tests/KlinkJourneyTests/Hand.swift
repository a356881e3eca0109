import Foundation
import KlinkCore
import KlinkModels
import Synchronization
import Testing

/// Somebody with the phone in their hand: they tap on models, as the views do, and read sentences.
@MainActor final class Hand {
    let who: String
    let stage: Stage
    let soft: SoftPhone
    let app: AppModel
    let core: CoreClient
    let phone: Phone
    private let settings = Written()
    private var following: Task<Void, Never>?

    init(who: String) throws {
        self.who = who
        stage = try Stage(who: who)
        soft = SoftPhone(who: who)
        var phone = Phone.preview
        let clock = Clock(
            nowMs: { now() }, bootMs: { boot() },
            sleep: { until in try? await Task.sleep(for: .milliseconds(max(0, until - now()))) })
        let folder = soft.folder
        phone.clock = clock
        phone.temporaryFile = { folder.appendingPathComponent($0).path }
        phone.writeFile = { try $1.write(to: URL(fileURLWithPath: $0)) }
        phone.removeFile = { try? FileManager.default.removeItem(atPath: $0) }
        let settings = settings
        phone.readSettings = { settings.kept.withLock { $0 } }
        phone.writeSettings = { new in settings.kept.withLock { $0 = new } }
        phone.spoolFolder = { folder.appendingPathComponent("spool").path }
        phone.packFile = { folder.appendingPathComponent("\($0).pack").path }
        self.phone = phone
        core = .live(soft.start(), clock: clock)
        app = AppModel(core: core, phone: phone)
    }

    /// The app in front: requests come by themselves.
    func takeUp() { following = Task { await app.follow() } }

    func putDown() async {
        following?.cancel()
        await following?.value
    }

    /// The owner confirms with their recovery code.
    func confirms(_ unlocking: UnlockModel?, _ code: String) async throws {
        let unlocking = try found(unlocking)
        unlocking.field = .recoveryCode
        unlocking.recoveryCode = code
        await unlocking.submitButtonTapped()
    }

    func says(_ what: String) { tell("\(what) (\(who))") }

    func found<T>(_ what: T?, _ line: Int = #line) throws -> T {
        guard let what else { throw Odd(text: "\(who): not on this screen, line \(line)") }
        return what
    }

    var accounts: AccountsModel? { if case .open(let model) = app.phase { model } else { nil } }
    var unlock: UnlockModel? { if case .locked(let model) = app.phase { model } else { nil } }
    var first: FirstStartModel? { if case .firstStart(let model) = app.phase { model } else { nil } }
    var add: AddModel? { if case .add(let model) = app.destination { model } else { nil } }
    var scan: ScanModel? { if case .scan(let model) = app.destination { model } else { nil } }
    var enrol: EnrolModel? { if case .enrol(let model) = app.destination { model } else { nil } }
    var account: AccountModel? { if case .account(let model) = app.destination { model } else { nil } }
    var importing: ImportModel? { if case .importing(let model) = app.destination { model } else { nil } }
    var export: ExportModel? { if case .export(let model) = app.destination { model } else { nil } }
    var move: MoveModel? { if case .move(let model) = app.destination { model } else { nil } }
    var settingsScreen: SettingsModel? { if case .settings(let model) = app.destination { model } else { nil } }
    var backup: BackupModel? { if case .backup(let model) = app.destination { model } else { nil } }
    var groups: GroupsModel? { if case .groups(let model) = app.destination { model } else { nil } }
    var history: HistoryModel? { if case .history(let model) = app.destination { model } else { nil } }
    var trash: TrashModel? { if case .trash(let model) = app.destination { model } else { nil } }
    var work: WorkAccountsModel? { if case .workAccounts(let model) = app.destination { model } else { nil } }
    var workAccount: WorkAccountModel? { if case .workAccount(let model) = app.destination { model } else { nil } }

    /// Waits for what comes by itself; the service answers within seconds, and a watchdog ends it.
    func waits<T>(for what: String, _ read: () -> T?) async throws -> T {
        for _ in 0..<1_200 {
            if let found = read() { return found }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Odd(text: "\(who): \(what) did not come")
    }
}

/// What the phone keeps of settings.
private final class Written: Sendable { let kept = Mutex(Settings()) }
