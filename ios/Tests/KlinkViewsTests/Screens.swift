import Foundation
import KlinkCore
import SwiftUI

@testable import KlinkModels
@testable import KlinkViews

/// One screen in one phase.
@MainActor
struct Shown {
    let screen: String
    /// As the model's `Phase` calls it.
    let phase: String
    let view: AnyView
    /// What tells two pictures of the same phase apart.
    var variant = ""

    init<Phase>(_ screen: String, _ phase: Phase, _ view: some View, _ variant: String = "") {
        self.screen = screen
        self.phase = String("\(phase)".prefix { $0 != "(" })
        self.view = AnyView(view)
        self.variant = variant
    }

    var name: String { variant.isEmpty ? phase : "\(phase), \(variant)" }
}

/// Every screen in every phase. That none is missing is tested.
@MainActor
enum Screens {
    static let core = CoreClient.preview
    static let phone = Phone.preview
    static let failure = Sentence("error.storage.busy")

    static var all: [Shown] {
        app + accounts + approve + enrol + firstStart + unlock + scan + add + account + work + lists + backup + importing + export + move + rest
    }

    static var app: [Shown] {
        func model(_ phase: AppModel.Phase) -> AppModel {
            let model = AppModel(core: core, phone: phone)
            model.phase = phase
            return model
        }
        let phases: [AppModel.Phase] = [
            .starting, .firstStart(FirstStartModel(core: core, phone: phone)), .locked(unlockModel(.open)),
            .trouble(troubleModel(.previousVault)), .open(accountsModel()),
        ]
        let request = model(.open(accountsModel()))
        request.request = ApproveModel(challenge: .sample(), core: core, phone: phone)
        let over = model(.open(accountsModel()))
        over.destination = .history(HistoryModel(core: core, phone: .preview))
        let covered = model(.open(accountsModel()))
        covered.isCovered = true
        return phases.map { Shown("App", $0, AppView(model: model($0))) } + [
            Shown("App", request.phase, AppView(model: request), "a request"),
            Shown("App", over.phase, AppView(model: over), "history over it"),
            Shown("App", covered.phase, AppView(model: covered), "covered"),
        ]
    }

    static func accountsModel(_ change: (inout Phone) -> Void = { _ in }) -> AccountsModel {
        var phone = phone
        change(&phone)
        let model = AccountsModel(core: core, phone: phone)
        model.reload()
        return model
    }

    static var accounts: [Shown] {
        let app = AppModel(core: core, phone: phone)
        func shown(_ phase: AccountsModel.Phase, _ variant: String = "", _ model: AccountsModel = accountsModel()) -> Shown {
            model.phase = phase
            return Shown("Accounts", phase, AccountsView(model: model, app: app), variant)
        }
        let hidden = accountsModel { phone in
            phone.readSettings = {
                var settings = Settings()
                settings.tapToReveal = true
                return settings
            }
        }
        let ending = accountsModel { $0.clock.nowMs = { previewMs + 16_000 } }
        let copied = accountsModel()
        copied.copied = .init(id: "a1", untilMs: previewMs + 20_000, says: Sentence("accounts.copied_until", .count(20)))
        let searched = accountsModel()
        searched.query = "zzz"
        var asks = core
        let codes = core.codes
        asks.search = { _, _ in Account.samples(asking: ["a2"]) }
        asks.codes = { try codes($0, $1).without(["a2"]) }
        let asking = AccountsModel(core: asks, phone: phone)
        asking.reload()
        asking.unlocking = unlockModel(.confirm)
        let banner = AppModel(core: core, phone: phone)
        banner.banner = .noBackup
        return [
            shown(.loading), shown(.empty), shown(.shown), shown(.failed(failure)), shown(.shown, "hidden codes", hidden),
            shown(.shown, "last seconds", ending), shown(.shown, "copied", copied), shown(.shown, "nothing found", searched),
            shown(.shown, "asks every time", asking),
            Shown("Accounts", AccountsModel.Phase.shown, AccountsView(model: accountsModel(), app: banner), "banner"),
        ]
    }

    static func approveModel(_ challenge: Challenge = .sample()) -> ApproveModel {
        ApproveModel(challenge: challenge, core: core, phone: phone)
    }

    static var approve: [Shown] {
        func shown(_ phase: ApproveModel.Phase, _ variant: String = "", _ model: ApproveModel = approveModel()) -> Shown {
            model.phase = phase
            return Shown("Approve", phase, ApproveView(model: model), variant)
        }
        let typed = approveModel()
        typed.number = "07"
        let reporting = approveModel()
        reporting.isReporting = true
        let outcomes: [Outcome] = [
            .approved, .denied, .reported, .wrongMatch, .elsewhere, .expired, .replaced, .cancelled, .dropped,
        ]
        return [
            shown(.asking), shown(.asking, "typed", typed), shown(.asking, "new device", approveModel(.sample(newDevice: true))),
            shown(.asking, "scan", approveModel(.sample(rule: .scan))),
            shown(.asking, "pick", approveModel(.sample(rule: .pick(options: ["07", "42", "88"])))),
            shown(.asking, "confirm", approveModel(.sample(rule: .confirm))),
            shown(.asking, "test", approveModel(.sample(act: .test))), shown(.asking, "not me", reporting),
            shown(.sending), shown(.stored), shown(.showing(code: "1234")), shown(.failed(failure)),
        ] + outcomes.map { shown(.done($0), "\($0)") }
    }

    static var enrol: [Shown] {
        let offer = Offer(id: "o1", host: "login.hupra.example")
        let checked = CheckedOffer(id: "o1", host: offer.host, service: "Hupra", accountName: "ann", clockIsSuspect: false)
        let enrolled = Enrolled(id: "e1", checkNumber: "042817", accountId: "a1")
        let phases: [EnrolModel.Phase] = [
            .host(offer), .checking(offer), .asked(checked), .notifications(checked), .enrolling(checked), .checkNumber(enrolled),
            .waitingForTest(enrolled), .done, .failed(failure),
        ]
        let testing = EnrolModel(offer: offer, core: core, phone: phone)
        testing.phase = .waitingForTest(enrolled)
        testing.test = approveModel(.sample(act: .test))
        return phases.map { phase in
            let model = EnrolModel(offer: offer, core: core, phone: phone)
            model.phase = phase
            return Shown("Enrol", phase, EnrolView(model: model))
        } + [Shown("Enrol", testing.phase, EnrolView(model: testing), "the test is here")]
    }

    static var firstStart: [Shown] {
        let phases: [FirstStartModel.Phase] = [
            .choosing, .passphrase, .passphraseAgain, .recoveryCode, .creating, .biometrics, .selfCheck, .failed(failure),
        ]
        let weak = FirstStartModel(core: core, phone: phone)
        weak.phase = .passphrase
        weak.passphrase = "cat"
        return phases.map { phase in
            let model = FirstStartModel(core: core, phone: phone)
            model.phase = phase
            model.recoveryCode = try? RecoveryCodeModel(core: core)
            model.selfCheck = selfCheckModel()
            return Shown("FirstStart", phase, FirstStartView(model: model))
        } + [Shown("FirstStart", weak.phase, FirstStartView(model: weak), "weak")] + recoveryCode
    }

    static var recoveryCode: [Shown] {
        let phases: [RecoveryCodeModel.Phase] = [
            .shown, .typingBack, .working, .failed(Sentence("error.recovery_code.check")),
        ]
        return phases.compactMap { phase in
            guard let model = try? RecoveryCodeModel(core: core) else { return nil }
            model.phase = phase
            return Shown("RecoveryCode", phase, RecoveryCodeView(model: model))
        }
    }

    static func unlockModel(_ act: UnlockModel.Act) -> UnlockModel {
        UnlockModel(act: act, ways: WayIn.samples, core: core, phone: phone)
    }

    static var unlock: [Shown] {
        let phases: [UnlockModel.Phase] = [
            .ready, .working, .failed(Sentence("error.vault.wrong_key")), .waiting(untilMs: previewMs + 30_000),
        ]
        let code = unlockModel(.open)
        code.field = .recoveryCode
        code.recoveryCode = "ABCD"
        return phases.map { phase in
            let model = unlockModel(.open)
            model.phase = phase
            model.passphrase = "cat"
            return Shown("Unlock", phase, UnlockView(model: model))
        } + UnlockModel.Act.allCases.filter { $0 != .open }.map {
            Shown("Unlock", UnlockModel.Phase.ready, UnlockView(model: unlockModel($0)), "\($0)")
        } + [Shown("Unlock", code.phase, UnlockView(model: code), "recovery code")]
    }

    static var scan: [Shown] {
        func shown(_ phase: ScanModel.Phase, _ variant: String = "", camera: Permission = .granted) -> Shown {
            let model = ScanModel(core: core, phone: phone)
            model.phase = phase
            model.camera = camera
            return Shown("Scan", phase, ScanView(model: model), variant)
        }
        let progress = MigrationProgress(part: 1, parts: 3, missing: [2, 3], accounts: 4, damaged: 0, seenBefore: false)
        return [
            shown(.looking), shown(.looking, "no camera", camera: .denied), shown(.looking, "not asked", camera: .notAsked),
            shown(.account(.sample())), shown(.account(.sample(needsPin: true)), "with a PIN"), shown(.migration(progress)),
            shown(.adding), shown(.added(Added(id: "a9", status: .new, other: nil))),
            shown(.added(Added(id: "a1", status: .alreadyThere, other: nil)), "there already"),
            shown(.other(Sentence("vendor.use_different_app"))), shown(.failed(Sentence("error.scan.damaged"))),
        ]
    }

    static var add: [Shown] {
        func shown(_ phase: AddModel.Phase, _ variant: String = "", _ change: (AddModel) -> Void = { _ in }) -> Shown {
            let model = AddModel(core: core, phone: phone)
            model.phase = phase
            change(model)
            return Shown("Add", phase, AddView(model: model), variant)
        }
        return [
            shown(.choosing), shown(.workCode), shown(.workCode, "refused") { $0.problem = Sentence("error.network.no_reply") },
            shown(.opening), shown(.key), shown(.key, "more") { $0.isMore = true },
            shown(.key, "counting, a slip") {
                ($0.isMore, $0.kind, $0.secret) = (true, .hotp, "JBSW1")
                $0.problem = Sentence("error.key.character", .text("5"))
            },
        ]
    }

    static var account: [Shown] {
        let needsPin = AccountModel(account: .sample("a5", "Old Bank", "ann", kind: .motp, state: .needsPin), core: core, phone: phone)
        let phases: [AccountModel.Phase] = [
            .shown, .saving, .unlocking, .revealed(Revealed(secret: "GEZDGNBV", uri: "sample:account")), .removing, .removed,
            .failed(failure),
        ]
        return phases.map { phase in
            let model = AccountModel(account: Account.samples[0], core: core, phone: phone)
            model.groups = AccountGroup.samples
            model.work = .sample()
            model.unlocking = unlockModel(.confirm)
            model.phase = phase
            return Shown("Account", phase, AccountView(model: model))
        } + [Shown("Account", AccountModel.Phase.shown, AccountView(model: needsPin), "needs a PIN")]
    }

    static var work: [Shown] {
        let phases: [WorkAccountModel.Phase] = [
            .shown, .working, .testing(TestPush(request: "c1", number: "42")), .removing, .removed, .failed(failure),
        ]
        let states: [EnrolmentState] = [.enrolling, .pendingTest, .needsApprovalKey, .revoked(reason: nil)]
        func model(_ state: EnrolmentState = .active) -> WorkAccountModel {
            WorkAccountModel(enrolment: .sample(state), core: core, phone: phone)
        }
        let list: [WorkAccountsModel.Phase] = [.loading, .empty, .shown, .failed(failure)]
        return phases.map { phase in
            let model = model()
            model.phase = phase
            return Shown("WorkAccount", phase, WorkAccountView(model: model))
        } + states.map { state in
            Shown("WorkAccount", WorkAccountModel.Phase.shown, WorkAccountView(model: model(state)), "\(state)".filter(\.isLetter))
        } + list.map { phase in
            let model = WorkAccountsModel(core: core, phone: .preview)
            model.phase = phase
            model.enrolments = [.sample(), .sample(.pendingTest, id: "e2")]
            return Shown("WorkAccounts", phase, WorkAccountsView(model: model))
        }
    }
}
