import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct EnrolModelTests {
    let offer = Offer(id: "o1", host: "login.hupra.example")
    let checked = CheckedOffer(
        id: "o1", host: "login.hupra.example", service: "Hupra", accountName: "ann", clockIsSuspect: false)
    let enrolled = Enrolled(id: "e1", checkNumber: "042817", accountId: "a1")

    func found(_ open: [Challenge] = [], closed: [ClosedChallenge] = []) -> Challenges {
        Challenges(open: open, closed: closed, againMs: 3_000, problems: [])
    }

    @Test func fromTheHostToAnApprovedTest() async throws {
        let model = EnrolModel(offer: offer, core: .preview, phone: .preview)
        let phases = Trace { model.phase }
        await model.connectButtonTapped()
        await until { phases.seen.count == 3 }
        await model.confirmButtonTapped()
        await until { phases.seen.count == 5 }
        model.sameButtonTapped()
        await until { phases.seen.count == 6 }
        model.arrived(found([.sample("x", act: .login), .sample("t", act: .test)]))
        let test = try #require(model.test)
        #expect(test.challenge.id == "t")
        test.number = "42"
        await test.approveButtonTapped()
        test.closeButtonTapped()
        await until { phases.seen.count == 7 }
        #expect(phases.seen == [
            .host(offer), .checking(offer), .asked(checked), .enrolling(checked), .checkNumber(enrolled),
            .waitingForTest(enrolled), .done,
        ])
        #expect(model.test == nil)
    }

    @Test func withoutAScreenLockNothingIsSent() async {
        let calls = Calls()
        var core = CoreClient.preview
        core.checkOffer = { _ in
            calls.note("sent")
            throw PushError.NotThere(what: .offer)
        }
        var phone = Phone.preview
        phone.hasScreenLock = { false }
        let model = EnrolModel(offer: offer, core: core, phone: phone)
        await model.connectButtonTapped()
        #expect(model.phase == .failed(Sentence("enrol.no_screen_lock")) && calls.all.isEmpty)
    }

    @Test(arguments: [true, false]) func notificationsAreAskedForWithTheirReason(_ allow: Bool) async {
        let calls = Calls()
        var phone = Phone.preview
        phone.notifications = { .notAsked }
        phone.askForNotifications = { calls.note("asked"); return true }
        let model = EnrolModel(offer: offer, core: .preview, phone: phone)
        await model.connectButtonTapped()
        await model.confirmButtonTapped()
        #expect(model.phase == .notifications(checked) && calls.all.isEmpty)
        if allow { await model.allowNotificationsButtonTapped() } else { await model.withoutNotificationsButtonTapped() }
        #expect(model.phase == .checkNumber(enrolled) && calls.all == (allow ? ["asked"] : []))
    }

    @Test func anotherNumberTakesTheEnrolmentBack() async {
        let calls = Calls()
        var core = CoreClient.preview
        core.unenrol = { calls.note("unenrol \($0)") }
        let model = EnrolModel(offer: offer, core: core, phone: .preview)
        await model.connectButtonTapped()
        await model.confirmButtonTapped()
        await model.differsButtonTapped()
        #expect(model.phase == .failed(Sentence("enrol.differs")) && calls.all == ["unenrol e1"])
    }

    @Test func aServiceWithoutACheckNumberGoesOnToTheTest() async {
        var core = CoreClient.preview
        core.enrol = { _, _ in Enrolled(id: "e1", checkNumber: nil, accountId: nil) }
        let model = EnrolModel(offer: offer, core: core, phone: .preview)
        await model.connectButtonTapped()
        await model.confirmButtonTapped()
        #expect(model.phase == .waitingForTest(Enrolled(id: "e1", checkNumber: nil, accountId: nil)))
    }

    @Test func aTestThatFailedWaitsForTheNext() async throws {
        let model = EnrolModel(offer: offer, core: .preview, phone: .preview)
        model.phase = .waitingForTest(enrolled)
        model.arrived(found([.sample("t1", act: .test)]))
        let first = try #require(model.test)
        model.arrived(found(closed: [ClosedChallenge(id: "t1", outcome: .expired)]))
        #expect(first.phase == .done(.expired))
        first.closeButtonTapped()
        #expect(model.phase == .waitingForTest(enrolled))
        model.arrived(found([.sample("t2", act: .test)]))
        #expect(model.test?.challenge.id == "t2")
    }

    @Test func aRequestForAnotherAccountIsNotTheTest() {
        let model = EnrolModel(offer: offer, core: .preview, phone: .preview)
        model.phase = .waitingForTest(enrolled)
        model.arrived(found([.sample("t", act: .test, enrolment: "e2")]))
        #expect(model.test == nil)
    }

    @Test func aForgedOfferAndARefusalSayWhy() async {
        var core = CoreClient.preview
        core.checkOffer = { _ in throw PushError.Offer(why: .forged) }
        let forged = EnrolModel(offer: offer, core: core, phone: .preview)
        await forged.connectButtonTapped()
        #expect(forged.phase == .failed(Sentence("error.offer.forged")))
        core = .preview
        core.enrol = { _, _ in throw PushError.Network(why: .noReply) }
        let refused = EnrolModel(offer: offer, core: core, phone: .preview)
        await refused.connectButtonTapped()
        await refused.confirmButtonTapped()
        #expect(refused.phase == .failed(Sentence("error.network.no_reply")))
    }
}
