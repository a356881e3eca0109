import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct SettingsModelTests {
    let calls = Calls()

    func model(_ change: (inout CoreClient) -> Void = { _ in }) -> SettingsModel {
        var core = CoreClient.preview
        let calls = calls
        core.watch = { calls.note("watch \($0.backgroundMs)") }
        core.changePassphrase = { calls.note("passphrase \($1.count) by \($0.said)") }
        core.renewRecoveryCode = { calls.note("code \($1.typed) by \($0.said)") }
        core.renewDeviceWayIn = { calls.note("device by \($0.said)") }
        core.removeWayIn = { calls.note("remove \($1) by \($0.said)") }
        core.checkWayIn = { calls.note("check \($0.said)") }
        change(&core)
        var phone = Phone.preview
        phone.writeSettings = { calls.note("write \($0.autoLock)") }
        return SettingsModel(core: core, phone: phone)
    }

    func unlock(_ model: SettingsModel) async throws {
        #expect(model.phase == .unlocking)
        let unlocking = try #require(model.unlocking)
        unlocking.passphrase = "walnut"
        await unlocking.submitButtonTapped()
    }

    @Test func aChangeIsWrittenAndTheCoreIsTold() {
        let model = model()
        model.settings.autoLock = .atOnce
        model.settings.autoLock = .atOnce
        #expect(calls.all == ["write atOnce", "watch 0"] && model.phase == .shown)
    }

    @Test func aPassphraseIsChangedWithAKey() async throws {
        let model = model()
        let phases = Trace { model.phase }
        await model.appeared()
        await model.passphraseButtonTapped()
        try await unlock(model)
        await until { phases.seen.last == .passphrase }
        model.passphrase = "walnut harbour quilt"
        model.passphraseAgain = "walnut harbour kilt"
        await model.changePassphraseButtonTapped()
        #expect(calls.all.isEmpty, "two that differ change nothing")
        model.passphraseAgain = "walnut harbour quilt"
        await model.changePassphraseButtonTapped()
        await until { model.notice == Sentence("settings.passphrase_changed") }
        #expect(calls.all == ["passphrase 20 by passphrase walnut"] && model.passphrase.isEmpty)
        #expect(phases.seen.contains(.working) && model.phase == .shown)
    }

    @Test func aRecoveryCodeIsRenewedWhenItWasTypedBack() async throws {
        let model = model()
        await model.appeared()
        await model.recoveryCodeButtonTapped()
        try await unlock(model)
        await until { model.phase == .recoveryCode }
        let code = try #require(model.recoveryCode)
        code.typed = "abcd"
        await code.typedBackButtonTapped()
        #expect(calls.all == ["code abcd by passphrase walnut"] && model.notice == Sentence("settings.recovery_code_renewed"))
    }

    @Test(arguments: [true, false]) func biometricsAreTurnedOnAndOff(_ isOn: Bool) async throws {
        let model = model { if !isOn { $0.waysIn = { Array(WayIn.samples.prefix(2)) } } }
        await model.appeared()
        #expect(model.hasDeviceWayIn == isOn)
        await model.biometricsButtonTapped()
        try await unlock(model)
        await until { model.notice != nil }
        #expect(calls.all == [isOn ? "remove w3 by passphrase walnut" : "device by passphrase walnut"])
    }

    @Test(arguments: [true, false]) func theLockIsTurnedOffAfterAQuestionAndOnAgain(_ isOff: Bool) async throws {
        let alone = WayIn(id: "w4", kind: .deviceAlone, createdAtMs: nil, damaged: false)
        let calls = calls
        let model = model { core in
            if isOff { core.waysIn = { WayIn.samples + [alone] } }
            core.turnLockOff = { calls.note("off by \($0.said)") }
            core.turnLockOn = { calls.note("on by \($0.said)") }
        }
        await model.appeared()
        #expect(model.isLockOff == isOff)
        if isOff {
            await model.lockOnButtonTapped()
        } else {
            model.lockOffButtonTapped()
            #expect(model.phase == .lockOff && calls.all.isEmpty)
            await model.lockOffConfirmed()
        }
        try await unlock(model)
        await until { model.notice != nil }
        #expect(calls.all == [isOff ? "on by passphrase walnut" : "off by passphrase walnut"])
        #expect(model.notice == Sentence(isOff ? "settings.lock_is_on" : "settings.lock_is_off"))
    }

    @Test func accountsAreChosenForTheWidget() async {
        let model = model()
        await model.appeared()
        #expect(model.accounts == Account.samples)
        model.widgetAccountTapped("a1")
        model.widgetAccountTapped("a2")
        model.widgetAccountTapped("a1")
        #expect(model.settings.widgetAccounts == ["a2"])
    }

    @Test func whatIsDoneByItselfIsDoneNow() async {
        let model = model { $0.purgeExpired = { 2 } }
        await model.upkeepButtonTapped()
        #expect(model.upkeep?.erased == 2 && model.phase == .shown)
    }

    @Test func settingsOfAnEarlierVersionAreKept() throws {
        let old = Data(#"{"sort":"name","tapToReveal":true}"#.utf8)
        let settings = try JSONDecoder().decode(Settings.self, from: old)
        #expect(settings.sort == .name && settings.tapToReveal && settings.widgetAccounts.isEmpty)
        #expect(try JSONDecoder().decode(Settings.self, from: JSONEncoder().encode(settings)) == settings)
    }

    @Test func theDeviceDoesNotAnswerForThePassphrase() async throws {
        let model = model()
        await model.appeared()
        await model.checkWayInButtonTapped()
        #expect(model.unlocking?.offersDevice == false)
        try await unlock(model)
        await until { model.notice == Sentence("settings.way_in_checked") }
        #expect(calls.all == ["check passphrase walnut"])
    }

    @Test func aFailureSaysWhyAndForgetsTheKey() async throws {
        let model = model { $0.changePassphrase = { _, _ in throw VaultError.WrongKey } }
        await model.appeared()
        await model.passphraseButtonTapped()
        try await unlock(model)
        await until { model.phase == .passphrase }
        model.passphrase = "walnut harbour quilt"
        model.passphraseAgain = "walnut harbour quilt"
        await model.changePassphraseButtonTapped()
        #expect(model.phase == .failed(Sentence("error.vault.wrong_key")) && model.passphrase.isEmpty)
    }

    @Test(arguments: Settings.AutoLock.allCases) func everyAutoLockHasALimit(_ lock: Settings.AutoLock) {
        var settings = Settings()
        settings.autoLock = lock
        let expected: Int64 =
            switch lock {
            case .atOnce: 0
            case .oneMinute: 60_000
            case .fiveMinutes: 300_000
            case .oneHour: 3_600_000
            }
        #expect(settings.limits.backgroundMs == expected && settings.limits.screenOff)
    }
}

@MainActor @Suite struct LicencesModelTests {
    @Test func licencesAndPrivacyAreTwoPages() {
        let model = LicencesModel(core: .preview, phone: .preview)
        #expect(model.phase == .licences && model.entries.map(\.name) == ["Klink", "Apache-2.0, MIT", "MPL-2.0"])
        model.privacyButtonTapped()
        #expect(model.phase == .privacy)
        model.licencesButtonTapped()
        #expect(model.phase == .licences)
    }
}

@MainActor @Suite struct SelfCheckModelTests {
    func model(_ lines: [CheckLine] = [], _ change: (inout Phone) -> Void = { _ in }) -> SelfCheckModel {
        var core = CoreClient.preview
        core.selfCheck = { _ in lines }
        var phone = Phone.preview
        change(&phone)
        return SelfCheckModel(core: core, phone: phone)
    }

    @Test func theCoreJudgesAndThePhoneSaysWhatItAloneKnows() async {
        let facts = Kept<ShellFacts?>(nil)
        var core = CoreClient.preview
        core.selfCheck = { facts.value = $0; return [CheckLine(what: .vault, state: .good), CheckLine(what: .clock, state: .notKnown)] }
        var phone = Phone.preview
        phone.camera = { .denied }
        let model = SelfCheckModel(core: core, phone: phone)
        #expect(model.phase == .checking && model.lines.isEmpty)
        await model.againButtonTapped()
        #expect(facts.value?.camera == .denied && facts.value?.canBeWoken == false && facts.value?.hibernates == nil)
        #expect(model.lines.map(\.id) == ["check.vault", "check.clock", "check.biometrics", "check.background"])
        #expect(model.lines.map(\.verdict) == [.good, .unknown, .good, .good] && model.phase == .shown)
    }

    @Test func whatIsMissingInThePhoneLeadsToItsSettings() async {
        let calls = Calls()
        let model = model { phone in
            phone.hasBiometrics = { false }
            phone.backgroundRefresh = { .denied }
            phone.openSystemSettings = { calls.note("settings") }
        }
        await model.appeared()
        #expect(model.lines.map(\.step) == [.systemSettings, .systemSettings] && model.lines.allSatisfy { $0.verdict == .warning })
        model.placeTapped(.systemSettings)
        #expect(calls.all == ["settings"] && model.canGo(.systemSettings) && !model.canGo(.backup), "before there is a list")
        var isShown = false
        model.onward = { if case .backup = $0 { isShown = true } }
        model.placeTapped(.backup)
        #expect(isShown && model.canGo(.backup))
    }

    @Test(arguments: [
        (Advice.setScreenLock, nil), (.keysInSoftware, nil), (.restartDevice, nil), (.unlock, nil), (.seeVault, nil), (.makeRoom, nil),
        (.setClock, nil), (.allow, nil), (.allowInSettings, .systemSettings), (.liftBatteryRestriction, .systemSettings),
        (.switchOffHibernation, .systemSettings), (.openToSee, nil), (.sendTest, .work), (.backUp, .backup), (.typePassphrase, .settings),
    ] as [(Advice, Place?)]) func everyAdviceHasWordsAndLeadsSomewhere(_ advice: Advice, _ step: Place?) async {
        let model = model([CheckLine(what: .backup, state: .better(advice: advice)), CheckLine(what: .backup, state: .bad(advice: advice))])
        await model.appeared()
        #expect(model.lines.prefix(2).map(\.verdict) == [.warning, .bad])
        #expect(model.lines[0].says == message(for: advice) && model.lines[0].step == step)
    }

    @Test func aCheckThatFailsSaysWhy() async {
        var core = CoreClient.preview
        core.selfCheck = { _ in throw VaultError.Internal(report: "r") }
        let model = SelfCheckModel(core: core, phone: .preview)
        await model.appeared()
        #expect(model.phase == .failed(Sentence("error.internal", .text("r"))))
    }
}
