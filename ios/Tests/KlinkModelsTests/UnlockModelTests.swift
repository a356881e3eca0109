import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct UnlockModelTests {
    func model(
        _ act: UnlockModel.Act = .open, ways: [WayIn] = WayIn.samples, phone: Phone = .preview,
        _ unlock: @escaping @Sendable (UnlockKey) async throws -> Opened = { _ in .sample() }
    ) -> UnlockModel {
        var core = CoreClient.preview
        core.unlock = unlock
        core.confirm = { _ = try await unlock($0) }
        core.checkWayIn = { _ = try await unlock($0) }
        return UnlockModel(act: act, ways: ways, core: core, phone: phone)
    }

    @Test func aPassphraseOpensAndIsForgotten() async {
        let calls = Calls()
        let model = model { calls.note($0.said); return .sample() }
        var opened: Opened?
        model.onDone = { opened = $1 }
        model.passphrase = "walnut harbour quilt"
        let phases = Trace { model.phase }
        await model.submitButtonTapped()
        await until { phases.seen.count == 3 }
        #expect(phases.seen == [.ready, .working, .ready])
        #expect(calls.all == ["passphrase walnut harbour quilt"])
        #expect(opened == .sample() && model.passphrase.isEmpty)
    }

    @Test func aRecoveryCodeOpens() async {
        let calls = Calls()
        let model = model { calls.note($0.said); return .sample() }
        model.field = .recoveryCode
        #expect(!model.canSubmit)
        model.recoveryCode = "abcd efgh"
        await model.submitButtonTapped()
        #expect(calls.all == ["code abcd efgh"])
    }

    @Test func theDeviceIsAskedOnceByItself() async {
        let calls = Calls()
        let model = model { calls.note($0.said); throw VaultError.KeyStore(kind: .Cancelled) }
        await model.appeared()
        #expect(calls.all == ["device"] && model.phase == .ready)
    }

    @Test func aConfirmationDoesNotPromptByItself() async {
        let calls = Calls()
        let model = model(.confirm) { calls.note($0.said); return .sample() }
        await model.appeared()
        #expect(calls.all.isEmpty)
        await model.deviceButtonTapped()
        #expect(calls.all == ["device"])
    }

    @Test func withoutBiometricsTheDeviceIsNotOffered() {
        var phone = Phone.preview
        phone.hasBiometrics = { false }
        let model = model(phone: phone)
        #expect(!model.offersDevice && model.offersPassphrase && model.offersRecoveryCode)
    }

    @Test func aDamagedWayInIsNotOffered() {
        let model = model(ways: [WayIn(id: "w", kind: .passphrase, createdAtMs: nil, damaged: true), WayIn.samples[1]])
        #expect(!model.offersPassphrase && model.field == .recoveryCode)
    }

    @Test func aWrongPassphraseSaysSoAndMayBeTypedAgain() async {
        let model = model { _ in throw VaultError.WrongKey }
        model.passphrase = "walnut"
        await model.submitButtonTapped()
        #expect(model.phase == .failed(Sentence("error.vault.wrong_key")) && model.canSubmit)
    }

    @Test func afterTooManyThePassphraseWaitsAndTheRecoveryCodeDoesNot() async {
        let clock = TestClock()
        var phone = Phone.preview
        phone.clock = clock.clock
        let model = model(phone: phone) { _ in throw VaultError.TooSoon(waitMs: 4_200) }
        model.passphrase = "walnut"
        await model.submitButtonTapped()
        #expect(model.phase == .waiting(untilMs: previewMs + 4_200) && model.secondsToWait == 5 && !model.canSubmit)
        model.field = .recoveryCode
        model.recoveryCode = "abcd"
        #expect(model.canSubmit)
        model.field = .passphrase
        clock.advance(to: previewMs + 4_200)
        #expect(model.canSubmit)
    }

    @Test func aKeyThatIsHandedOnIsNotUsedHere() async {
        let calls = Calls()
        let model = model(.handOn) { calls.note($0.said); return .sample() }
        var key: UnlockKey?
        model.onDone = { given, _ in key = given }
        model.passphrase = "walnut"
        await model.submitButtonTapped()
        #expect(calls.all.isEmpty && key?.said == "passphrase walnut")
    }

    @Test func aCheckAsksTheCoreForACheck() async {
        let calls = Calls()
        let model = model(.check) { calls.note($0.said); return .sample() }
        model.passphrase = "walnut"
        await model.submitButtonTapped()
        #expect(calls.all == ["passphrase walnut"])
    }
}
