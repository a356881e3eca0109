import KlinkCore
import Observation

/// What was answered, newest first.
@Observable @MainActor
public final class HistoryModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
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

    public func appeared() async {
        await go {
            let answers = try await core.pushHistory().sorted { $0.answeredAtMs > $1.answeredAtMs }
            rows = answers.enumerated().map { Row(id: $0.offset, answer: $0.element) }
            return rows.isEmpty ? .empty : .shown
        }
    }
}
