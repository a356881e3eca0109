import KlinkCore
import Observation

/// One work account: how far its set-up has come, a test, its name, and its end.
@Observable @MainActor
public final class WorkAccountModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
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

    public init(enrolment: Enrolment, core: CoreClient, phone: Phone, onward: Onward? = nil) {
        self.enrolment = enrolment
        name = enrolment.service ?? ""
        super.init(core: core, phone: phone, onward: onward)
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
        await go(.working) { .testing(try await core.testPush(enrolment.id)) }
    }

    public func renameButtonTapped() async { await act { try await core.renameEnrolment(enrolment.id, name) } }
    public func newKeyButtonTapped() async { await act { try await core.rotateKey(enrolment.id, .approval) } }
    public func resumeButtonTapped() async { await act { _ = try await core.resumeEnrolment(enrolment.id) } }

    /// Requests are not announced for an hour; they are shown to who opens the app.
    public func quietButtonTapped() async {
        await act { try await core.mute(enrolment.id, isQuiet ? 0 : phone.clock.nowMs() + 3_600_000) }
    }

    public func removeButtonTapped() { phase = .removing }
    public func keepButtonTapped() { phase = .shown }

    /// Tells the service, then forgets it here; one that the service took back is only forgotten.
    public func removeConfirmed() async {
        guard phase == .removing else { return }
        await go(.working) {
            switch enrolment.state {
            case .revoked, .failed, .damaged: try await core.removeEnrolment(enrolment.id)
            case .enrolling, .pendingTest, .active, .needsApprovalKey: try await core.unenrol(enrolment.id)
            }
            placeTapped(.work)
            return .removed
        }
    }

    private func act(_ act: @MainActor () async throws -> Void) async {
        await go(.working) {
            try await act()
            if let new = try await core.enrolments().first(where: { $0.id == enrolment.id }) { enrolment = new }
            name = enrolment.service ?? ""
            return .shown
        }
    }
}
