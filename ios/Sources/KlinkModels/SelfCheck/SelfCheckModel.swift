import KlinkCore
import Observation

/// Whether everything is as it must be. Reads states, and asks for nothing.
@Observable @MainActor
public final class SelfCheckModel {
    public enum Phase: Equatable, Sendable { case checking, shown }

    /// What is looked at.
    public enum Subject: Sendable, CaseIterable { case keys, screenLock, vault, clock, notifications, camera, backup, wakeUp }

    public enum Verdict: Sendable, CaseIterable { case good, warning, bad, unknown }

    /// One line: what, how it is, and what to do when it is not so.
    public struct Line: Equatable, Identifiable, Sendable {
        public let subject: Subject
        public let verdict: Verdict
        public let says: Sentence
        /// Whether the system's settings mend it.
        public let mendsInSettings: Bool
        public var id: Subject { subject }

        public init(subject: Subject, verdict: Verdict, says: Sentence, mendsInSettings: Bool = false) {
            self.subject = subject
            self.verdict = verdict
            self.says = says
            self.mendsInSettings = mendsInSettings
        }
    }

    public internal(set) var phase = Phase.checking
    public internal(set) var lines: [Line] = []
    private let core: CoreClient
    private let phone: Phone

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
    }

    public func appeared() async {
        phase = .checking
        lines = []
        lines.append(screenLock())
        lines += await vault()
        lines.append(await push())
        lines.append(await notifications())
        lines.append(camera())
        phase = .shown
    }

    public func againButtonTapped() async { await appeared() }

    public func settingsButtonTapped() { phone.openSystemSettings() }

    private func screenLock() -> Line {
        phone.hasScreenLock()
            ? Line(subject: .screenLock, verdict: .good, says: Sentence("check.screen_lock.good"))
            : Line(subject: .screenLock, verdict: .bad, says: Sentence("check.screen_lock.bad"))
    }

    private func vault() async -> [Line] {
        do {
            let health = try await core.verify()
            let whole = health.damaged.isEmpty && health.problems.isEmpty && health.mode == .readWrite
            return [
                Line(subject: .vault, verdict: whole ? .good : .bad, says: Sentence(whole ? "check.vault.good" : "check.vault.bad")),
                health.lastGoodCopyAtMs.map {
                    Line(subject: .backup, verdict: .good, says: Sentence("check.backup.good", .moment($0)))
                } ?? Line(subject: .backup, verdict: .warning, says: Sentence("check.backup.none")),
            ]
        } catch {
            return [Line(subject: .vault, verdict: .bad, says: message(for: error))]
        }
    }

    /// The clock is known once a service has told its own; a wake-up once one came.
    private func push() async -> Line {
        let known = (try? await core.enrolments())?.compactMap { $0.lastPollAnsweredMs == nil ? nil : $0.clockOffsetMs } ?? []
        guard let worst = known.max(by: { abs($0) < abs($1) }) else {
            return Line(subject: .clock, verdict: .unknown, says: Sentence("check.clock.unknown"))
        }
        return abs(worst) <= 30_000
            ? Line(subject: .clock, verdict: .good, says: Sentence("check.clock.good"))
            : Line(subject: .clock, verdict: .bad, says: Sentence("check.clock.bad", .count(Int(abs(worst) / 1000))))
    }

    private func notifications() async -> Line {
        switch await phone.notifications() {
        case .granted: Line(subject: .notifications, verdict: .good, says: Sentence("check.notifications.good"))
        case .denied:
            Line(subject: .notifications, verdict: .bad, says: Sentence("check.notifications.denied"), mendsInSettings: true)
        case .notAsked: Line(subject: .notifications, verdict: .unknown, says: Sentence("check.notifications.not_asked"))
        }
    }

    private func camera() -> Line {
        switch phone.camera() {
        case .granted: Line(subject: .camera, verdict: .good, says: Sentence("check.camera.good"))
        case .denied: Line(subject: .camera, verdict: .warning, says: Sentence("check.camera.denied"), mendsInSettings: true)
        case .notAsked: Line(subject: .camera, verdict: .unknown, says: Sentence("check.camera.not_asked"))
        }
    }
}
