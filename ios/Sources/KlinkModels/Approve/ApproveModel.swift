import KlinkCore
import Observation

/// One request: who asks, for what, from where, when; then the number, and approve or deny.
@Observable @MainActor
public final class ApproveModel: Screen {
    public enum Phase: Equatable, Sendable {
        case asking
        case sending
        /// It ended, here or elsewhere.
        case done(Outcome)
        /// Signed and stored; whether the service has it is settled at one of the next looks.
        case stored
        /// The number that the person types on the page now.
        case showing(code: String)
        case failed(Sentence)
    }

    public let challenge: Challenge
    public internal(set) var phase = Phase.asking
    /// What was typed; only digits, and not more than are asked for.
    public var number = "" {
        didSet {
            let kept = String(number.filter(\.isNumber).prefix(digits))
            if kept != number { number = kept }
        }
    }
    /// "This wasn't me" asks once whether sign-ins are to be stopped.
    public var isReporting = false
    /// The camera is open for the page's QR code.
    public var isScanning = false

    public init(challenge: Challenge, core: CoreClient, phone: Phone, onward: Onward? = nil) {
        self.challenge = challenge
        super.init(core: core, phone: phone, onward: onward)
    }

    /// How many digits are typed; 0 where none are.
    public var digits: Int {
        if case .type(let digits) = challenge.rule { Int(digits) } else { 0 }
    }

    public var options: [String] {
        if case .pick(let options) = challenge.rule { options } else { [] }
    }

    /// What reads the page's QR code.
    public var scanner: Scanner { core.scanner() }

    /// The question, as a sentence.
    public var question: Sentence {
        let service = Sentence.Value.text(challenge.service ?? challenge.host)
        return switch challenge.act {
        case .login: Sentence("approve.login", .text(challenge.application), service)
        case .test: Sentence("approve.test", service)
        case .transaction: Sentence("approve.transaction", .text(challenge.application), service)
        }
    }

    public var canApprove: Bool {
        guard isOpen else { return false }
        return switch challenge.rule {
        case .type(let digits): number.count == Int(digits)
        case .confirm: true
        // A scan or a choice is the approval itself.
        case .scan, .pick: false
        }
    }

    public var canDeny: Bool { isOpen }

    /// Whether the page's QR code will do: it always does where there is a number to type.
    public var canScan: Bool {
        guard isOpen else { return false }
        return switch challenge.rule {
        case .type, .scan: true
        case .pick, .confirm: false
        }
    }

    /// The part of its time that is left, from 1 to 0.
    public func timeLeft(at nowMs: Int64) -> Double {
        let all = challenge.expiresAtMs - challenge.askedAtMs
        guard all > 0 else { return 0 }
        return min(1, max(0, Double(challenge.expiresAtMs - nowMs) / Double(all)))
    }

    private var isOpen: Bool {
        switch phase {
        case .asking, .failed: true
        case .sending, .done, .stored, .showing: false
        }
    }

    /// Ends by itself when its time is over.
    public func appeared() async {
        await phone.clock.sleep(challenge.expiresAtMs)
        if isOpen, !Task.isCancelled { phase = .done(.expired) }
    }

    public func approveButtonTapped() async {
        guard canApprove else { return }
        switch challenge.rule {
        case .type: await answer(.approve(number: number))
        case .confirm: await answer(.approvePlain)
        case .scan, .pick: break
        }
    }

    public func optionTapped(_ option: String) async {
        guard isOpen, options.contains(option) else { return }
        await answer(.approve(number: option))
    }

    public func scanButtonTapped() {
        if canScan { isScanning = true }
    }

    /// What the app's own camera read while this request was open.
    public func codeScanned(_ text: String) async {
        guard canScan, isScanning else { return }
        isScanning = false
        await answer(.approveScanned(text: text))
    }

    public func denyButtonTapped() async {
        guard canDeny else { return }
        await answer(.deny(cancelled: false))
    }

    public func notMeButtonTapped() {
        if isOpen { isReporting = true }
    }

    /// It was not me; with `lock` nobody signs in until another factor says so.
    public func reportButtonTapped(lock: Bool) async {
        isReporting = false
        guard isOpen else { return }
        await answer(.report(notMe: true, lock: lock))
    }

    /// Another phone, the page or the time may have ended it.
    public func arrived(_ found: Challenges) {
        if isOpen, let closed = found.closed.first(where: { $0.id == challenge.id }) { phase = .done(closed.outcome) }
    }

    private func answer(_ decision: Decision) async {
        phase = .sending
        do {
            let answered = try await core.answer(challenge.id, decision)
            number = ""
            if let code = answered.displayCode {
                phase = .showing(code: code)
            } else {
                phase = answered.outcome.map(Phase.done) ?? .stored
            }
        } catch PushError.KeyStore(.Cancelled) {
            phase = .asking
        } catch {
            phase = .failed(message(for: error))
        }
    }
}
