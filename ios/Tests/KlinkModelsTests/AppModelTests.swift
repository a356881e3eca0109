import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct AppModelTests {
    let calls = Calls()

    func model(_ status: VaultStatus = .unlocked(mode: .readWrite), phone: Phone = .preview, _ change: (inout CoreClient) -> Void = { _ in })
        -> AppModel
    {
        var core = CoreClient.preview
        let calls = calls
        core.status = { status }
        core.lock = { calls.note("lock") }
        core.report = { calls.note("\($0)"); return false }
        change(&core)
        return AppModel(core: core, phone: phone)
    }

    /// The name of a case, without what it carries.
    func name(_ value: Any?) -> String {
        guard let value else { return "nothing" }
        return Mirror(reflecting: value).children.first?.label ?? "\(value)"
    }

    @Test(arguments: [
        (VaultStatus.noVault, "firstStart"), (.previousVault(vaultId: "v"), "trouble"), (.locked(waysIn: WayIn.samples), "locked"),
        (.unlocked(mode: .readWrite), "open"), (.unlocked(mode: .readOnly(reason: .rolledBack)), "trouble"),
    ]) func everyStateOfTheVaultHasAScreen(_ status: VaultStatus, _ screen: String) {
        let model = model(status)
        #expect(name(model.phase) == "starting")
        model.started()
        #expect(name(model.phase) == screen)
    }

    @Test func aVaultThatCannotBeReadSaysWhy() {
        let model = model { $0.status = { throw VaultError.Storage(why: .notReadable) } }
        model.started()
        guard case .trouble(let trouble) = model.phase else { return #expect(Bool(false), "no trouble") }
        #expect(trouble.says == Sentence("error.storage.not_readable"))
    }

    @Test func unlockingShowsTheListOrTheTrouble() async {
        for (mode, screen) in [(VaultMode.readWrite, "open"), (.readOnly(reason: .noAnchor), "trouble")] {
            let model = model(.locked(waysIn: WayIn.samples)) { $0.unlock = { _ in .sample(mode) } }
            model.started()
            guard case .locked(let unlock) = model.phase else { return #expect(Bool(false), "not locked") }
            await unlock.deviceButtonTapped()
            #expect(name(model.phase) == screen)
        }
    }

    @Test func everyButtonLeadsToItsScreen() {
        let model = model()
        model.started()
        for (tap, screen) in [(model.addButtonTapped, "add"), (model.scanButtonTapped, "scan")] {
            tap()
            #expect(name(model.destination) == screen)
        }
        for place in Place.own {
            model.placeTapped(place)
            let screen = switch place {
            case .work: "workAccounts"
            case .check: "selfCheck"
            case .groups, .history, .backup, .importing, .export, .move, .trash, .settings, .licences, .systemSettings: "\(place)"
            }
            #expect(name(model.destination) == screen)
        }
    }

    @Test func screensLeadToEachOther() async {
        let model = model()
        model.started()
        model.addButtonTapped()
        guard case .add(let add) = model.destination else { return #expect(Bool(false), "no add") }
        add.scanButtonTapped()
        guard case .scan(let scan) = model.destination else { return #expect(Bool(false), "no scan") }
        await scan.importButtonTapped()
        guard case .importing(let importing) = model.destination else { return #expect(Bool(false), "no import") }
        importing.closeButtonTapped()
        #expect(model.destination == nil)
        guard case .open(let accounts) = model.phase else { return #expect(Bool(false), "not open") }
        accounts.reload()
        accounts.accountTapped("a1")
        #expect(name(model.destination) == "account")
        model.placeTapped(.work)
        guard case .workAccounts(let work) = model.destination else { return #expect(Bool(false), "no work accounts") }
        await work.appeared()
        work.enrolmentTapped("e1")
        #expect(name(model.destination) == "workAccount")
    }

    @Test func aStepOfTheSelfCheckLeadsToItsScreen() {
        let model = model()
        model.started()
        for (step, screen) in [(Place.backup, "backup"), (.settings, "settings"), (.work, "workAccounts")] {
            model.placeTapped(.check)
            guard case .selfCheck(let check) = model.destination else { return #expect(Bool(false), "no self-check") }
            check.placeTapped(step)
            #expect(name(model.destination) == screen)
        }
    }

    @Test func aScannedCodeOfAMoveIsTakenThere() async {
        let taken = Calls()
        let model = model {
            $0.takeMoveCode = { taken.note($0); return .sample(taken: 1) }
            $0.scanner = {
                var scanner = Scanner.preview
                scanner.takeText = { .move(text: $0) }
                return scanner
            }
        }
        model.started()
        await model.linkOpened("m")
        guard case .move(let move) = model.destination else { return #expect(Bool(false), "no move") }
        await until { move.phase == .receiving(.sample(taken: 1)) }
        #expect(taken.all == ["m"])
    }

    @Test func filesFromOutsideWaitForTheVaultAndAreShownFirst() async {
        let isOpen = Kept(false)
        let model = model {
            $0.status = { isOpen.value ? .unlocked(mode: .readWrite) : .locked(waysIn: WayIn.samples) }
        }
        model.started()
        await model.filesOpened([ImportSource(name: "a.json", bytes: Data())])
        #expect(model.destination == nil)
        isOpen.value = true
        model.started()
        await until { name(model.destination) == "importing" }
        guard case .importing(let importing) = model.destination else { return }
        await until { importing.phase == .preview }
    }

    @Test func whatAnExtensionLeftIsReadOnceAndLeadsToTheRequest() async {
        var phone = Phone.preview
        phone.spoolFolder = { "group/spool" }
        let calls = calls
        let left = Kept([SpoolMessage(id: "m1", bytes: Data("a".utf8), again: false), SpoolMessage(id: "m2", bytes: Data("no".utf8), again: true)])
        let model = model(.locked(waysIn: WayIn.samples), phone: phone) { core in
            core.takeSpool = { _ in left.value }
            core.wakeUp = { calls.note("wake \(String(decoding: $0, as: UTF8.self))"); return $0.count == 1 ? "e1" : nil }
            core.spoolDone = { folder, id in
                calls.note("done \(folder) \(id)")
                left.value.removeAll { $0.id == id }
            }
            core.look = { calls.note("look"); return Challenges(open: [.sample()], closed: [], againMs: 1, problems: []) }
        }
        model.started()
        await until { model.request != nil }
        await model.readSpool()
        model.cameToForeground()
        await model.readSpool()
        #expect(calls.all.filter { $0 != "enteredForeground" } == ["wake a", "done group/spool m1", "wake no", "done group/spool m2", "look"])
        #expect(model.request?.challenge.id == "c1")
    }

    @Test(arguments: ["e1", "e2"]) func denyOnANotificationDeniesTheRequestOfThatAccountAlone(_ enrolment: String) async {
        let calls = calls
        let model = model {
            $0.wakeUp = { _ in enrolment }
            $0.look = { Challenges(open: [.sample("c7")], closed: [], againMs: 1, problems: []) }
            $0.answer = { id, decision in calls.note("\(id) \(decision)"); return Answered(outcome: .denied, displayCode: nil) }
        }
        await model.denyTapped(Data())
        #expect(calls.all == (enrolment == "e1" ? ["c7 deny(cancelled: false)"] : []))
    }

    @Test func aVaultWhoseLockIsOffOpensByItself() async {
        let alone = WayIn(id: "w4", kind: .deviceAlone, createdAtMs: nil, damaged: false)
        let open = model(.locked(waysIn: WayIn.samples + [alone]))
        open.started()
        await until { name(open.phase) == "open" }
        let refused = model(.locked(waysIn: WayIn.samples + [alone])) { $0.unlockWithLockOff = { throw VaultError.KeyStore(kind: .Missing) } }
        refused.started()
        await refused.openWithLockOff()
        #expect(name(refused.phase) == "locked", "the other ways in are on the screen")
    }

    @Test func aRequestLiesOverEverythingEvenWhileLocked() {
        let model = model(.locked(waysIn: WayIn.samples))
        model.started()
        model.arrived(Challenges(open: [.sample("c2"), .sample("c1")], closed: [], againMs: 1, problems: []))
        #expect(model.request?.challenge.id == "c2")
        model.arrived(Challenges(open: [.sample("c3")], closed: [ClosedChallenge(id: "c2", outcome: .replaced)], againMs: 1, problems: []))
        #expect(model.request?.phase == .done(.replaced), "it stays until it is closed")
        model.request?.closeButtonTapped()
        model.arrived(Challenges(open: [.sample("c3")], closed: [], againMs: 1, problems: []))
        #expect(model.request?.challenge.id == "c3")
    }

    @Test func theStreamOfRequestsIsFollowed() async {
        let (stream, more) = AsyncStream.makeStream(of: ChallengeEvent.self)
        let model = model { $0.challenges = { stream } }
        more.yield(.failed(.Network(why: .noConnection)))
        more.yield(.shown(Challenges(open: [.sample()], closed: [], againMs: 1, problems: [])))
        more.finish()
        await model.follow()
        #expect(model.request?.challenge.id == "c1")
    }

    @Test func theTestOfASetUpIsShownThereAndNotOverIt() {
        let model = model()
        model.started()
        let enrol = EnrolModel(offer: Offer(id: "o", host: "h"), core: .preview, phone: .preview)
        enrol.phase = .waitingForTest(Enrolled(id: "e1", checkNumber: nil, accountId: nil))
        model.destination = .enrol(enrol)
        model.arrived(Challenges(open: [.sample(act: .test)], closed: [], againMs: 1, problems: []))
        #expect(enrol.test != nil && model.request == nil)
    }

    @Test func aLinkFromOutsideIsShownAndNothingIsDone() async {
        let model = model()
        model.started()
        await model.linkOpened("link")
        guard case .scan(let scan) = model.destination else { return #expect(Bool(false), "no scan") }
        #expect(scan.phase == .account(.sample()))
    }

    @Test func aLinkThatComesWhileLockedWaits() async {
        let model = model(.locked(waysIn: WayIn.samples))
        model.started()
        await model.linkOpened("link")
        #expect(model.destination == nil)
        guard case .locked(let unlock) = model.phase else { return #expect(Bool(false), "not locked") }
        await unlock.deviceButtonTapped()
        await until { name(model.destination) == "scan" }
    }

    @Test func outOfSightTheAppIsCoveredAndTheCoreIsTold() {
        let model = model()
        model.started()
        model.becameInactive()
        #expect(model.isCovered && calls.all.isEmpty)
        model.wentToBackground()
        model.cameToForeground()
        model.touched()
        #expect(!model.isCovered && calls.all == ["enteredBackground", "enteredForeground", "used"])
    }

    @Test func whenTheCoreLocksTheLockIsShown() {
        let locked = Calls()
        let model = model { core in
            core.status = { locked.all.isEmpty ? .unlocked(mode: .readWrite) : .locked(waysIn: WayIn.samples) }
            core.report = { _ in locked.note("locked"); return true }
        }
        model.started()
        model.placeTapped(.settings)
        model.cameToForeground()
        #expect(name(model.phase) == "locked" && model.destination == nil)
    }

    @Test func lockingByHand() {
        let calls = calls
        let model = model { $0.status = { calls.all.isEmpty ? .unlocked(mode: .readWrite) : .locked(waysIn: []) } }
        model.started()
        model.lockButtonTapped()
        #expect(calls.all == ["lock"] && name(model.phase) == "locked")
    }

    @Test func oneBannerTheWorstFirst() async {
        var denied = Phone.preview
        denied.notifications = { .denied }
        let all: [(VaultMode, Duties, Int64?, Phone, Banner?)] = [
            (.readOnly(reason: .tampered), Duties(checkPassphrase: true, renewRecoveryCode: true), nil, denied, .trouble(.tampered)),
            (.readWrite, Duties(checkPassphrase: true, renewRecoveryCode: true), nil, denied, .renewRecoveryCode),
            (.readWrite, Duties(checkPassphrase: true, renewRecoveryCode: false), nil, denied, .checkWayIn),
            (.readWrite, Duties(checkPassphrase: false, renewRecoveryCode: false), nil, denied, .noBackup),
            (.readWrite, Duties(checkPassphrase: false, renewRecoveryCode: false), 1, denied, .notificationsOff),
            (.readWrite, Duties(checkPassphrase: false, renewRecoveryCode: false), 1, .preview, nil),
        ]
        for (mode, duties, copy, phone, banner) in all {
            let model = model(.unlocked(mode: mode), phone: phone) { core in
                core.duties = { duties }
                core.verify = { .sample(lastGoodCopyAtMs: copy) }
            }
            model.started()
            if case .trouble(let trouble) = model.phase { trouble.showAccountsButtonTapped() }
            await model.lookAround()
            #expect(model.banner == banner)
        }
    }

    @Test func theBannersButtonMendsIt() {
        let calls = calls
        var phone = Phone.preview
        phone.openSystemSettings = { calls.note("settings") }
        let model = model(phone: phone)
        model.started()
        for (banner, screen) in [
            (Banner.trouble(.tampered), "trouble"), (.checkWayIn, "settings"), (.renewRecoveryCode, "settings"), (.noBackup, "backup"),
        ] {
            model.banner = banner
            model.bannerButtonTapped()
            #expect(name(model.destination) == screen)
        }
        model.banner = .notificationsOff
        model.bannerButtonTapped()
        #expect(calls.all == ["settings"])
    }

    @Test func aFirstStartEndsInTheList() async throws {
        let made = Calls()
        let model = model { core in
            core.status = { made.all.isEmpty ? .noVault : .unlocked(mode: .readWrite) }
            core.create = { _ in made.note("made") }
        }
        model.started()
        guard case .firstStart(let first) = model.phase else { return #expect(Bool(false), "no first start") }
        first.recoveryCodeButtonTapped()
        let code = try #require(first.recoveryCode)
        code.typed = code.code
        await code.typedBackButtonTapped()
        await first.skipBiometricsButtonTapped()
        first.closeButtonTapped()
        #expect(name(model.phase) == "open")
    }
}
