import KlinkCore
import Observation

/// One work account: how far its set-up has come, a test, its name, and its end.
@Observable @MainActor
public final class WorkAccountModel {
    public enum Phase: Equatable, Sendable {
        case shown
        case working
        /// The test that was asked for comes with this number.
        case testing(TestPush)
        case removing
        case removed
        case failed(Sentence)
    }

    public internal(set) var enrolment: Enrolment
    public internal(set) var phase = Phase.shown
    public var name: String
    @ObservationIgnored public var onClosed: () -> Void = {}
    private let core: CoreClient
    private let phone: Phone

    public init(enrolment: Enrolment, core: CoreClient, phone: Phone) {
        self.enrolment = enrolment
        self.core = core
        self.phone = phone
        name = enrolment.service ?? ""
    }

    public var state: Sentence { message(for: enrolment.state) }
    public var isQuiet: Bool { (enrolment.quietUntilMs ?? 0) > phone.clock.nowMs() }

    public var canTest: Bool {
        switch enrolment.state {
        case .active: phase != .working
        case .enrolling, .pendingTest, .needsApprovalKey, .revoked, .failed, .damaged: false
        }
    }

    public func testButtonTapped() async {
        guard canTest else { return }
        phase = .working
        do {
            phase = .testing(try await core.testPush(enrolment.id))
        } catch {
            phase = .failed(message(for: error))
        }
    }

    public func renameButtonTapped() async { await act { try await self.core.renameEnrolment(self.enrolment.id, self.name) } }
    public func newKeyButtonTapped() async { await act { try await self.core.rotateKey(self.enrolment.id, .approval) } }
    public func resumeButtonTapped() async { await act { _ = try await self.core.resumeEnrolment(self.enrolment.id) } }

    /// Requests are not announced for an hour; they are shown to who opens the app.
    public func quietButtonTapped() async {
        await act { try await self.core.mute(self.enrolment.id, self.isQuiet ? 0 : self.phone.clock.nowMs() + 3_600_000) }
    }

    public func removeButtonTapped() { phase = .removing }
    public func keepButtonTapped() { phase = .shown }

    /// Tells the service, then forgets it here; one that the service took back is only forgotten.
    public func removeConfirmed() async {
        guard phase == .removing else { return }
        phase = .working
        do {
            switch enrolment.state {
            case .revoked, .failed, .damaged: try await core.removeEnrolment(enrolment.id)
            case .enrolling, .pendingTest, .active, .needsApprovalKey: try await core.unenrol(enrolment.id)
            }
            phase = .removed
            onClosed()
        } catch {
            phase = .failed(message(for: error))
        }
    }

    private func act(_ act: @escaping () async throws -> Void) async {
        phase = .working
        do {
            try await act()
            if let new = try await core.enrolments().first(where: { $0.id == enrolment.id }) { enrolment = new }
            name = enrolment.service ?? ""
            phase = .shown
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
