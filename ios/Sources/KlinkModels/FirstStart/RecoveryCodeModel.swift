import KlinkCore
import Observation

/// Shows a new recovery code and has it typed back: one that was not written down is no way in.
@Observable @MainActor
public final class RecoveryCodeModel: Going {
    public enum Phase: Equatable, Sendable, Failing {
        case shown
        case typingBack
        case working
        case failed(Sentence)
    }

    /// In groups, as it is written down.
    public let code: String
    public internal(set) var phase = Phase.shown
    public var typed = ""
    private let take: @MainActor (TypedBack) async throws -> Void

    /// `take` makes the code a way in; what it throws is shown, and the user types again.
    public init(core: CoreClient, take: @escaping @MainActor (TypedBack) async throws -> Void = { _ in }) throws {
        code = try core.makeRecoveryCode()
        self.take = take
    }

    public func writtenDownButtonTapped() { phase = .typingBack }

    public func showAgainButtonTapped() {
        typed = ""
        phase = .shown
    }

    public func typedBackButtonTapped() async {
        guard !typed.isEmpty, phase != .working else { return }
        await go(.working) {
            try await take(TypedBack(code: code, typed: typed))
            typed = ""
            return phase
        }
    }
}
