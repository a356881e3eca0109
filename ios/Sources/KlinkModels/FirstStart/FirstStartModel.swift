import Foundation
import KlinkCore
import Observation

/// The first minute: a way in that is no hardware, then biometrics, then the self-check.
@Observable @MainActor
public final class FirstStartModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        /// Passphrase or recovery code.
        case choosing
        case passphrase
        /// The same passphrase once more.
        case passphraseAgain
        /// `recoveryCode` has the screen.
        case recoveryCode
        case creating
        /// Offered only where the phone has biometrics.
        case biometrics
        case selfCheck
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.choosing
    public internal(set) var recoveryCode: RecoveryCodeModel?
    public internal(set) var selfCheck: SelfCheckModel?
    public var passphrase = "" { didSet { strength = passphrase.isEmpty ? nil : core.strength(Data(passphrase.utf8)) } }
    public var passphraseAgain = ""
    public internal(set) var strength: PassphraseStrength?
    /// Why the two passphrases or biometrics were not taken; shown where the user is.
    public internal(set) var problem: Sentence?
    private var key: UnlockKey?

    public func passphraseButtonTapped() { phase = .passphrase }

    public func recoveryCodeButtonTapped() {
        go {
            recoveryCode = try RecoveryCodeModel(core: core) { [weak self] in
                try await self?.create(NewVault(recoveryCode: $0), .recoveryCode(code: $0.code))
            }
            return .recoveryCode
        }
    }

    public func backButtonTapped() {
        (passphrase, passphraseAgain, problem, recoveryCode) = ("", "", nil, nil)
        phase = .choosing
    }

    public var canGoOn: Bool {
        switch phase {
        case .passphrase: strength?.good == true
        case .passphraseAgain: !passphraseAgain.isEmpty
        case .choosing, .recoveryCode, .creating, .biometrics, .selfCheck, .failed: false
        }
    }

    public func passphraseNextButtonTapped() {
        if canGoOn { phase = .passphraseAgain }
    }

    public func passphraseAgainButtonTapped() async {
        guard canGoOn else { return }
        guard passphraseAgain == passphrase else {
            (passphraseAgain, problem) = ("", Sentence("first.differs"))
            return
        }
        problem = nil
        let bytes = Data(passphrase.utf8)
        await go(.creating) {
            try await create(NewVault(passphrase: bytes), .passphrase(passphrase: bytes))
            return phase
        }
    }

    public func biometricsButtonTapped() async {
        guard let key else { return }
        do {
            try await core.renewDeviceWayIn(key)
            await toSelfCheck()
        } catch VaultError.KeyStore(.Cancelled) {
            problem = nil
        } catch {
            problem = message(for: error)
        }
    }

    public func skipBiometricsButtonTapped() async { await toSelfCheck() }

    private func create(_ new: NewVault, _ key: UnlockKey) async throws {
        try await core.create(new)
        self.key = key
        (passphrase, passphraseAgain) = ("", "")
        if phone.hasBiometrics() { phase = .biometrics } else { await toSelfCheck() }
    }

    private func toSelfCheck() async {
        (key, problem, recoveryCode) = (nil, nil, nil)
        let model = SelfCheckModel(core: core, phone: phone)
        selfCheck = model
        phase = .selfCheck
        await model.appeared()
    }
}
