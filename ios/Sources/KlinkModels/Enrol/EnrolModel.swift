import KlinkCore
import Observation

/// Sets this phone up for a work account: host, organisation, check number, test.
@Observable @MainActor
public final class EnrolModel: Screen, Going {
    public enum Phase: Equatable, Sendable, Failing {
        /// The host alone is known, and nothing was sent.
        case host(Offer)
        case checking(Offer)
        /// The service vouches for this; nothing of ours was sent.
        case asked(CheckedOffer)
        /// Why notifications are needed, shown before the system asks.
        case notifications(CheckedOffer)
        case enrolling(CheckedOffer)
        /// The same six digits stand on the page.
        case checkNumber(Enrolled)
        /// The page sends a test; `test` has it once it is here.
        case waitingForTest(Enrolled)
        case done
        case failed(Sentence)
    }

    public internal(set) var phase: Phase
    /// The test, once it came.
    public internal(set) var test: ApproveModel?

    public init(offer: Offer, core: CoreClient, phone: Phone, onward: Onward? = nil) {
        phase = .host(offer)
        super.init(core: core, phone: phone, onward: onward)
    }

    /// Reads a link or scanned text; fails on what is no offer, before anything is sent.
    convenience init(text: String, from other: Screen) throws {
        self.init(offer: try other.core.offer(text), core: other.core, phone: other.phone, onward: other.onward)
    }

    public func connectButtonTapped() async {
        guard case .host(let offer) = phase else { return }
        guard phone.hasScreenLock() else { return phase = .failed(Sentence("enrol.no_screen_lock")) }
        await go(.checking(offer)) { .asked(try await core.checkOffer(offer.id)) }
    }

    public func confirmButtonTapped() async {
        guard case .asked(let offer) = phase else { return }
        if await phone.notifications() == .notAsked { phase = .notifications(offer) } else { await enrol(offer) }
    }

    public func allowNotificationsButtonTapped() async {
        guard case .notifications(let offer) = phase else { return }
        _ = await phone.askForNotifications()
        await enrol(offer)
    }

    public func withoutNotificationsButtonTapped() async {
        guard case .notifications(let offer) = phase else { return }
        await enrol(offer)
    }

    /// The number on the page is the same.
    public func sameButtonTapped() {
        guard case .checkNumber(let enrolled) = phase else { return }
        phase = .waitingForTest(enrolled)
    }

    /// It is another: somebody else's page, or somebody in between. The enrolment is taken back.
    public func differsButtonTapped() async {
        guard case .checkNumber(let enrolled) = phase else { return }
        await go {
            try await core.unenrol(enrolled.id)
            return .failed(Sentence("enrol.differs"))
        }
    }

    /// What a look at the services found, while this is on the screen.
    public func arrived(_ challenges: Challenges) {
        test?.arrived(challenges)
        guard case .waitingForTest(let enrolled) = phase else { return }
        guard let challenge = challenges.open.first(where: { $0.enrolmentId == enrolled.id && $0.act == .test }),
            challenge.id != test?.challenge.id
        else { return }
        test = ApproveModel(challenge: challenge, core: core, phone: phone) { [weak self] _ in self?.testClosed() }
    }

    /// The test was approved, or another one is waited for.
    private func testClosed() {
        guard let test else { return }
        if test.phase == .done(.approved) { phase = .done }
        self.test = nil
    }

    private func enrol(_ offer: CheckedOffer) async {
        await go(.enrolling(offer)) {
            // A relay that does not answer is asked again later: it holds up no enrolment.
            let endpoint = try? await WakeUps(core: core, phone: phone).address(offer.pushKey)
            let enrolled = try await core.enrol(offer.id, phone.info(endpoint))
            return enrolled.checkNumber == nil ? .waitingForTest(enrolled) : .checkNumber(enrolled)
        }
    }
}
