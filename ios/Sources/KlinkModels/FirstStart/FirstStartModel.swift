import Foundation
import KlinkCore
import Observation

/// The first minute: a way in that is no hardware, then biometrics, then the self-check.
@Observable @MainActor
public final class FirstStartModel {
    public enum Phase: Equatable, Sendable {
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

    @ObservationIgnored public var onDone: () -> Void = {}
    private let core: CoreClient
    private let phone: Phone
    private var key: UnlockKey?

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
    }

    public func passphraseButtonTapped() { phase = .passphrase }

    public func recoveryCodeButtonTapped() {
        do {
            let model = try RecoveryCodeModel(core: core)
            model.onTypedBack = { [weak self] in try await self?.create(NewVault(recoveryCode: $0), .recoveryCode(code: $0.code)) }
            recoveryCode = model
            phase = .recoveryCode
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func backButtonTapped() {
        passphrase = ""
        passphraseAgain = ""
        problem = nil
        recoveryCode = nil
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
        guard canGoOn else { return }
        phase = .passphraseAgain
    }

    public func passphraseAgainButtonTapped() async {
        guard canGoOn else { return }
        guard passphraseAgain == passphrase else {
            problem = Sentence("first.differs")
            passphraseAgain = ""
            return
        }
        problem = nil
        let bytes = Data(passphrase.utf8)
        phase = .creating
        do {
            try await create(NewVault(passphrase: bytes), .passphrase(passphrase: bytes))
        } catch {
            phase = .failed(message(for: error))
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

    public func doneButtonTapped() { onDone() }

    public func tryAgainButtonTapped() { backButtonTapped() }

    private func create(_ new: NewVault, _ key: UnlockKey) async throws {
        try await core.create(new)
        self.key = key
        passphrase = ""
        passphraseAgain = ""
        if phone.hasBiometrics() { phase = .biometrics } else { await toSelfCheck() }
    }

    private func toSelfCheck() async {
        key = nil
        problem = nil
        recoveryCode = nil
        let model = SelfCheckModel(core: core, phone: phone)
        selfCheck = model
        phase = .selfCheck
        await model.appeared()
    }
}
