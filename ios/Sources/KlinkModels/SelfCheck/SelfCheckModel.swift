import KlinkCore
import Observation

/// How something is, by its name in the catalogue.
public enum Verdict: String, Sendable, CaseIterable {
    case good = "verdict.good", warning = "verdict.warning", bad = "verdict.bad", unknown = "verdict.unknown"
}

/// Whether everything is as it must be: what the core tried and judged, and what the system alone knows. Asks for nothing.
@Observable @MainActor
public final class SelfCheckModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        case checking, shown
        case failed(Sentence)
    }

    /// One line: what, how it is, and what to do when it is not so.
    public struct Line: Equatable, Identifiable, Sendable {
        /// The key of what was looked at: `check.vault`.
        public let id: String
        public let verdict: Verdict
        public let says: Sentence
        /// Where it is mended.
        public let step: Place?

        init(_ id: String, _ verdict: Verdict, _ says: Sentence, _ step: Place? = nil) {
            self.id = id
            self.verdict = verdict
            self.says = says
            self.step = step
        }
    }

    public internal(set) var phase = Phase.checking
    public internal(set) var lines: [Line] = []

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

    /// Before there is a list, nothing leads to the app's own screens.
    public func canGo(_ step: Place) -> Bool { step == .systemSettings || onward != nil }

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
    private func step(for advice: Advice) -> Place? {
        switch advice {
        case .allowInSettings, .liftBatteryRestriction, .switchOffHibernation: .systemSettings
        case .backUp: .backup
        case .typePassphrase: .settings
        case .sendTest: .work
        case .setScreenLock, .keysInSoftware, .restartDevice, .unlock, .seeVault, .makeRoom, .setClock, .allow, .openToSee: nil
        }
    }
}
