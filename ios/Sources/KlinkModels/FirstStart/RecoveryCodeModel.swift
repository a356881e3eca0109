import KlinkCore
import Observation

/// Shows a new recovery code and has it typed back: one that was not written down is no way in.
@Observable @MainActor
public final class RecoveryCodeModel {
    public enum Phase: Equatable, Sendable {
        case shown
        case typingBack
        case working
        case failed(Sentence)
    }

    /// In groups, as it is written down.
    public let code: String
    public internal(set) var phase = Phase.shown
    public var typed = ""
    /// Takes the code to where it becomes a way in; what it throws is shown, and the user types again.
    @ObservationIgnored public var onTypedBack: (TypedBack) async throws -> Void = { _ in }

    public init(core: CoreClient) throws { code = try core.makeRecoveryCode() }

    public func writtenDownButtonTapped() { phase = .typingBack }

    public func showAgainButtonTapped() {
        typed = ""
        phase = .shown
    }

    public func typedBackButtonTapped() async {
        guard !typed.isEmpty, phase != .working else { return }
        phase = .working
        do {
            try await onTypedBack(TypedBack(code: code, typed: typed))
            typed = ""
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
