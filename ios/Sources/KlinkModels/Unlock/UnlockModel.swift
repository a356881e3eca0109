import Foundation
import KlinkCore
import Observation

/// Opens the vault, or confirms that its owner is there: the same three ways in.
@Observable @MainActor
public final class UnlockModel: Screen {
    /// What is done with the key that the user gives, as the catalogue calls it.
    public enum Act: String, Sendable, CaseIterable {
        /// Opens the vault.
        case open
        /// Confirms before a secret is shown, exported or erased.
        case confirm
        /// Checks that a way in is still known.
        case check
        /// Hands the key on: to a change of the ways in, or a copy that it opens.
        case handOn = "hand_on"
    }

    public enum Phase: Equatable, Sendable {
        case ready
        case working
        case failed(Sentence)
        /// Wrong passphrases before: until this moment the passphrase is not taken.
        case waiting(untilMs: Int64)
    }

    /// Which field is shown.
    public enum Field: Sendable, CaseIterable { case passphrase, recoveryCode }

    public let act: Act
    /// What opens this vault.
    public let ways: [WayInKind]
    public internal(set) var phase = Phase.ready
    public var field: Field
    public var passphrase = ""
    public var recoveryCode = ""

    /// Called once, with what the unlock found when it was one.
    @ObservationIgnored public var onDone: (UnlockKey, Opened?) -> Void = { _, _ in }

    public init(act: Act, ways: [WayIn], core: CoreClient, phone: Phone) {
        let whole = ways.filter { !$0.damaged }.map(\.kind)
        self.act = act
        self.ways = whole
        field = whole.contains(.passphrase) ? .passphrase : .recoveryCode
        super.init(core: core, phone: phone)
    }

    /// Whether a look or a finger opens it.
    public var offersDevice: Bool { ways.contains(.device) && phone.hasBiometrics() }
    public var offersPassphrase: Bool { ways.contains(.passphrase) }
    public var offersRecoveryCode: Bool { ways.contains(.recoveryCode) }

    public var canSubmit: Bool {
        guard phase != .working else { return false }
        return switch field {
        case .passphrase: !passphrase.isEmpty && secondsToWait == 0
        case .recoveryCode: !recoveryCode.isEmpty
        }
    }

    /// How long the passphrase is still refused, in whole seconds.
    public var secondsToWait: Int {
        guard case .waiting(let untilMs) = phase else { return 0 }
        return max(0, Int((untilMs - phone.clock.nowMs() + 999) / 1000))
    }

    /// A vault with a device way in asks for it by itself, once.
    public func appeared() async {
        if offersDevice, act == .open, phase == .ready { await deviceButtonTapped() }
    }

    public func deviceButtonTapped() async { await use(.device) }

    public func submitButtonTapped() async {
        guard canSubmit else { return }
        switch field {
        case .passphrase: await use(.passphrase(passphrase: Data(passphrase.utf8)))
        case .recoveryCode: await use(.recoveryCode(code: recoveryCode))
        }
    }

    private func use(_ key: UnlockKey) async {
        phase = .working
        do {
            switch act {
            case .open: finish(key, try await core.unlock(key))
            case .confirm: try await core.confirm(key); finish(key, nil)
            case .check: try await core.checkWayIn(key); finish(key, nil)
            case .handOn: finish(key, nil)
            }
        } catch VaultError.TooSoon(let waitMs) {
            phase = .waiting(untilMs: phone.clock.nowMs() + waitMs)
        } catch VaultError.KeyStore(.Cancelled) {
            phase = .ready
        } catch {
            phase = .failed(message(for: error))
        }
    }

    private func finish(_ key: UnlockKey, _ opened: Opened?) {
        (passphrase, recoveryCode) = ("", "")
        phase = .ready
        onDone(key, opened)
    }
}
