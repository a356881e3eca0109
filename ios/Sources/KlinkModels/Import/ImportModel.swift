import KlinkCore
import Observation

/// Shows what an import would add, and adds it.
@Observable @MainActor
public final class ImportModel {
    public enum Phase: Equatable, Sendable {
        case preview
        case committing
        case done(ImportCounts)
        case failed(Sentence)
    }

    public internal(set) var phase = Phase.preview
    public internal(set) var rows: [PreviewRow]
    public internal(set) var problems: [ImportProblem]
    @ObservationIgnored public var onClosed: () -> Void = {}
    private let preview: Preview

    public init(preview: Preview) {
        self.preview = preview
        rows = preview.rows()
        problems = preview.problems()
    }

    public var ticked: Int { rows.filter(\.ticked).count }
    public var canCommit: Bool { phase == .preview && ticked > 0 }

    public func rowTapped(_ number: Int32) {
        guard phase == .preview, let row = rows.first(where: { $0.number == number }) else { return }
        // A duplicate cannot be ticked; the row stays as it is.
        _ = preview.setTicked(number, !row.ticked)
        rows = preview.rows()
    }

    public func importButtonTapped() async {
        guard canCommit else { return }
        phase = .committing
        do {
            phase = .done(try await preview.commit().counts)
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func closeButtonTapped() { onClosed() }
}
