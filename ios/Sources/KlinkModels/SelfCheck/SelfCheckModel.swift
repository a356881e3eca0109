import KlinkCore
import Observation

/// Whether everything is as it must be: what the core tried and judged, and what the system alone knows. Asks for nothing.
@Observable @MainActor
public final class SelfCheckModel: Going {
    public enum Phase: Equatable, Sendable, Failing {
        case checking, shown
        case failed(Sentence)
    }

    public enum Verdict: Sendable, CaseIterable { case good, warning, bad, unknown }

    /// Where something is mended.
    public enum Step: Sendable, CaseIterable { case systemSettings, settings, backup, work }

    /// One line: what, how it is, and what to do when it is not so.
    public struct Line: Equatable, Identifiable, Sendable {
        /// The key of what was looked at: `check.vault`.
        public let id: String
        public let verdict: Verdict
        public let says: Sentence
        public let step: Step?

        init(_ id: String, _ verdict: Verdict, _ says: Sentence, _ step: Step? = nil) {
            self.id = id
            self.verdict = verdict
            self.says = says
            self.step = step
        }
    }

    public internal(set) var phase = Phase.checking
    public internal(set) var lines: [Line] = []
    /// Leads to the app's own screens; before there is a list there is none.
    @ObservationIgnored public var onStep: ((Step) -> Void)?
    private let core: CoreClient
    private let phone: Phone

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
    }

    public func appeared() async {
        lines = []
        await go(.checking) {
            let facts = ShellFacts(
                screenLock: phone.hasScreenLock(), notifications: await phone.notifications(), camera: phone.camera(),
                batteryRestricted: nil, hibernates: nil, canBeWoken: phone.relay() != nil && phone.pushToken() != nil)
            lines = try await core.selfCheck(facts).map(line)
            lines.append(
                phone.hasBiometrics()
                    ? Line("check.biometrics", .good, Sentence("check.biometrics.good"))
                    : Line("check.biometrics", .warning, Sentence("check.biometrics.none"), .systemSettings))
            switch await phone.backgroundRefresh() {
            case .granted: lines.append(Line("check.background", .good, Sentence("check.background.good")))
            case .denied: lines.append(Line("check.background", .warning, Sentence("check.background.denied"), .systemSettings))
            case .notAsked: lines.append(Line("check.background", .unknown, Sentence("check.not_known")))
            }
            return .shown
        }
    }

    public func againButtonTapped() async { await appeared() }

    public func stepTapped(_ step: Step) {
        if step == .systemSettings { phone.openSystemSettings() } else { onStep?(step) }
    }

    public func canGo(_ step: Step) -> Bool { step == .systemSettings || onStep != nil }

    private func line(_ line: CheckLine) -> Line {
        let id = key(for: line.what)
        return switch line.state {
        case .good: Line(id, .good, Sentence("\(id).good"))
        case .notKnown: Line(id, .unknown, Sentence("check.not_known"))
        case .better(let advice): Line(id, .warning, message(for: advice), step(for: advice))
        case .bad(let advice): Line(id, .bad, message(for: advice), step(for: advice))
        }
    }

    private func key(for item: CheckItem) -> String {
        switch item {
        case .screenLock: "check.screen_lock"
        case .keys: "check.keys"
        case .vault: "check.vault"
        case .clock: "check.clock"
        case .notifications: "check.notifications"
        case .camera: "check.camera"
        case .battery: "check.battery"
        case .hibernation: "check.hibernation"
        case .wakeUps: "check.wake_ups"
        case .backup: "check.backup"
        case .passphrase: "check.passphrase"
        }
    }

    /// Where the advice leads; for some the system has no address that an app may open.
    private func step(for advice: Advice) -> Step? {
        switch advice {
        case .allowInSettings, .liftBatteryRestriction, .switchOffHibernation: .systemSettings
        case .backUp: .backup
        case .typePassphrase: .settings
        case .sendTest: .work
        case .setScreenLock, .keysInSoftware, .restartDevice, .unlock, .seeVault, .makeRoom, .setClock, .allow, .openToSee: nil
        }
    }
}
