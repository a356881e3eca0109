import KlinkCore
import Observation

/// What was answered, newest first.
@Observable @MainActor
public final class HistoryModel {
    public enum Phase: Equatable, Sendable {
        case loading
        case empty
        case shown
        case failed(Sentence)
    }

    /// One answer of the past.
    public struct Row: Equatable, Identifiable, Sendable {
        public let id: Int
        public let answer: PastAnswer
        public var outcome: Sentence { message(for: answer.outcome) }
    }

    public internal(set) var phase = Phase.loading
    public internal(set) var rows: [Row] = []
    private let core: CoreClient

    public init(core: CoreClient) { self.core = core }

    public func appeared() async {
        do {
            let answers = try await core.pushHistory().sorted { $0.answeredAtMs > $1.answeredAtMs }
            rows = answers.enumerated().map { Row(id: $0.offset, answer: $0.element) }
            phase = rows.isEmpty ? .empty : .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
