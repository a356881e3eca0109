import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct FirstStartModelTests {
    let calls = Calls()

    func model(phone: Phone = .preview, create: (@Sendable (NewVault) async throws -> Void)? = nil) -> FirstStartModel {
        var core = CoreClient.preview
        let calls = calls
        core.create = create ?? { calls.note("create \($0.passphrase?.count ?? 0) \($0.recoveryCode?.typed ?? "-")") }
        core.renewDeviceWayIn = { calls.note("device by \($0.said)") }
        return FirstStartModel(core: core, phone: phone)
    }

    @Test func aPassphraseIsTypedTwiceThenBiometricsThenTheSelfCheck() async {
        let model = model()
        let phases = Trace { model.phase }
        var isDone = false
        model.onward = { _ in isDone = true }
        model.passphraseButtonTapped()
        await until { phases.seen.last == .passphrase }
        model.passphrase = "walnut"
        #expect(!model.canGoOn)
        model.passphrase = "walnut harbour quilt"
        #expect(model.canGoOn && model.strength?.score == 4)
        model.passphraseNextButtonTapped()
        await until { phases.seen.last == .passphraseAgain }
        model.passphraseAgain = "walnut harbour quilt"
        await model.passphraseAgainButtonTapped()
        await until { phases.seen.last == .biometrics }
        #expect(model.passphrase.isEmpty && model.passphraseAgain.isEmpty)
        await model.biometricsButtonTapped()
        await until { phases.seen.last == .selfCheck }
        #expect(phases.seen == [.choosing, .passphrase, .passphraseAgain, .creating, .biometrics, .selfCheck])
        #expect(calls.all == ["create 20 -", "device by passphrase walnut harbour quilt"])
        #expect(model.selfCheck?.phase == .shown)
        model.closeButtonTapped()
        #expect(isDone)
    }

    @Test func twoPassphrasesThatDifferMakeNoVault() async {
        let model = model()
        model.passphraseButtonTapped()
        model.passphrase = "walnut harbour quilt"
        model.passphraseNextButtonTapped()
        model.passphraseAgain = "walnut harbour kilt"
        await model.passphraseAgainButtonTapped()
        #expect(model.phase == .passphraseAgain && model.problem == Sentence("first.differs") && calls.all.isEmpty)
    }

    @Test func aRecoveryCodeIsTypedBack() async throws {
        let model = model()
        model.recoveryCodeButtonTapped()
        #expect(model.phase == .recoveryCode)
        let code = try #require(model.recoveryCode)
        code.writtenDownButtonTapped()
        code.typed = code.code.lowercased()
        await code.typedBackButtonTapped()
        #expect(model.phase == .biometrics && calls.all == ["create 0 \(code.code.lowercased())"])
    }

    @Test func aVaultThatCannotBeMadeSaysWhyAndBeginsAgain() async {
        let model = model { _ in throw VaultError.Storage(why: .diskFull) }
        model.passphraseButtonTapped()
        model.passphrase = "walnut harbour quilt"
        model.passphraseNextButtonTapped()
        model.passphraseAgain = "walnut harbour quilt"
        await model.passphraseAgainButtonTapped()
        #expect(model.phase == .failed(Sentence("error.storage.disk_full")))
        model.backButtonTapped()
        #expect(model.phase == .choosing && model.passphrase.isEmpty)
    }

    @Test func withoutBiometricsTheyAreNotOffered() async throws {
        var phone = Phone.preview
        phone.hasBiometrics = { false }
        let model = model(phone: phone)
        model.recoveryCodeButtonTapped()
        let code = try #require(model.recoveryCode)
        code.typed = code.code
        await code.typedBackButtonTapped()
        #expect(model.phase == .selfCheck)
    }

    @Test func biometricsMayBeLeftOut() async throws {
        let model = model()
        model.recoveryCodeButtonTapped()
        let code = try #require(model.recoveryCode)
        code.typed = code.code
        await code.typedBackButtonTapped()
        await model.skipBiometricsButtonTapped()
        #expect(model.phase == .selfCheck && calls.all.count == 1)
    }

    @Test func biometricsThatFailStayOffered() async throws {
        var core = CoreClient.preview
        core.renewDeviceWayIn = { _ in throw VaultError.KeyStore(kind: .HardwareFault) }
        let model = FirstStartModel(core: core, phone: .preview)
        model.recoveryCodeButtonTapped()
        let code = try #require(model.recoveryCode)
        code.typed = code.code
        await code.typedBackButtonTapped()
        await model.biometricsButtonTapped()
        #expect(model.phase == .biometrics && model.problem == Sentence("error.key_store.hardware_fault"))
    }
}

@MainActor @Suite struct RecoveryCodeModelTests {
    @Test func aCodeIsShownTypedBackAndTaken() async throws {
        let calls = Calls()
        let model = try RecoveryCodeModel(core: .preview) { calls.note($0.typed) }
        let phases = Trace { model.phase }
        model.writtenDownButtonTapped()
        await until { phases.seen.last == .typingBack }
        await model.typedBackButtonTapped()
        #expect(calls.all.isEmpty, "nothing typed is nothing to take")
        model.typed = "abcd"
        await model.typedBackButtonTapped()
        await until { phases.seen.last == .working }
        #expect(phases.seen == [.shown, .typingBack, .working] && calls.all == ["abcd"] && model.typed.isEmpty)
    }

    @Test func aSlipSaysWhereAndTheCodeCanBeShownAgain() async throws {
        let model = try RecoveryCodeModel(core: .preview) { _ in throw VaultError.RecoveryCode(slip: .character(place: 3)) }
        model.writtenDownButtonTapped()
        model.typed = "abc!"
        await model.typedBackButtonTapped()
        #expect(model.phase == .failed(Sentence("error.recovery_code.character", .text("4"))))
        model.showAgainButtonTapped()
        #expect(model.phase == .shown && model.typed.isEmpty)
    }
}
