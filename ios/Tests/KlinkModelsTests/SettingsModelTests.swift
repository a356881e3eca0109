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
        model.passphraseButtonTapped()
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
        model.recoveryCodeButtonTapped()
        try await unlock(model)
        #expect(model.phase == .recoveryCode)
        let code = try #require(model.recoveryCode)
        code.typed = "abcd"
        await code.typedBackButtonTapped()
        #expect(calls.all == ["code abcd by passphrase walnut"] && model.notice == Sentence("settings.recovery_code_renewed"))
    }

    @Test(arguments: [true, false]) func biometricsAreTurnedOnAndOff(_ isOn: Bool) async throws {
        let model = model { if !isOn { $0.waysIn = { Array(WayIn.samples.prefix(2)) } } }
        await model.appeared()
        #expect(model.hasDeviceWayIn == isOn)
        model.biometricsButtonTapped()
        try await unlock(model)
        await until { model.notice != nil }
        #expect(calls.all == [isOn ? "remove w3 by passphrase walnut" : "device by passphrase walnut"])
    }

    @Test func theDeviceDoesNotAnswerForThePassphrase() async throws {
        let model = model()
        await model.appeared()
        model.checkWayInButtonTapped()
        #expect(model.unlocking?.offersDevice == false)
        try await unlock(model)
        await until { model.notice == Sentence("settings.way_in_checked") }
        #expect(calls.all == ["check passphrase walnut"])
    }

    @Test func aFailureSaysWhyAndForgetsTheKey() async throws {
        let model = model { $0.changePassphrase = { _, _ in throw VaultError.WrongKey } }
        await model.appeared()
        model.passphraseButtonTapped()
        try await unlock(model)
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
        let model = LicencesModel()
        #expect(model.phase == .licences && model.entries.map(\.name) == ["Klink", "Apache-2.0, MIT", "MPL-2.0"])
        model.privacyButtonTapped()
        #expect(model.phase == .privacy)
        model.licencesButtonTapped()
        #expect(model.phase == .licences)
    }
}

@MainActor @Suite struct SelfCheckModelTests {
    func verdict(_ subject: SelfCheckModel.Subject, core: CoreClient = .preview, phone: Phone = .preview) async -> SelfCheckModel.Line? {
        let model = SelfCheckModel(core: core, phone: phone)
        await model.appeared()
        #expect(model.phase == .shown)
        return model.lines.first { $0.subject == subject }
    }

    @Test func aGoodPhoneHasNothingToMend() async {
        let model = SelfCheckModel(core: .preview, phone: .preview)
        #expect(model.phase == .checking && model.lines.isEmpty)
        await model.againButtonTapped()
        #expect(model.lines.allSatisfy { $0.verdict == .good } && model.lines.count == 6)
    }

    @Test func whatIsMissingSaysWhatToDo() async {
        var phone = Phone.preview
        phone.hasScreenLock = { false }
        phone.notifications = { .denied }
        phone.camera = { .denied }
        #expect(await verdict(.screenLock, phone: phone)?.verdict == .bad)
        #expect(await verdict(.notifications, phone: phone)?.mendsInSettings == true)
        #expect(await verdict(.camera, phone: phone)?.verdict == .warning)
        phone.notifications = { .notAsked }
        phone.camera = { .notAsked }
        #expect(await verdict(.notifications, phone: phone)?.verdict == .unknown)
        #expect(await verdict(.camera, phone: phone)?.verdict == .unknown)
    }

    @Test func aSickVaultNoBackupAndAWrongClockAreNamed() async {
        var core = CoreClient.preview
        core.verify = { .sample(problems: [.rowsChanged], lastGoodCopyAtMs: nil) }
        core.enrolments = { [] }
        #expect(await verdict(.vault, core: core)?.verdict == .bad)
        #expect(await verdict(.backup, core: core)?.says == Sentence("check.backup.none"))
        #expect(await verdict(.clock, core: core)?.verdict == .unknown)
        core.verify = { throw VaultError.Locked }
        #expect(await verdict(.vault, core: core)?.says == Sentence("error.vault.locked"))
    }
}
