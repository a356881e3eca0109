import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct ApproveModelTests {
    let calls = Calls()

    func model(
        _ challenge: Challenge = .sample(), phone: Phone = .preview,
        _ answer: (@Sendable (Decision) async throws -> Answered)? = nil
    ) -> ApproveModel {
        var core = CoreClient.preview
        let calls = calls, usual = core.answer
        core.answer = { id, decision in
            calls.note("\(decision)")
            if let answer { return try await answer(decision) }
            return try await usual(id, decision)
        }
        return ApproveModel(challenge: challenge, core: core, phone: phone)
    }

    @Test func theNumberIsTypedThenApproved() async {
        let model = model()
        let phases = Trace { model.phase }
        #expect(!model.canApprove && model.digits == 2)
        model.number = "0a7x9"
        #expect(model.number == "07" && model.canApprove)
        await model.approveButtonTapped()
        await until { phases.seen.count == 3 }
        #expect(phases.seen == [.asking, .sending, .done(.approved)])
        #expect(calls.all == ["\(Decision.approve(number: "07"))"] && model.number.isEmpty)
        await model.denyButtonTapped()
        #expect(calls.all.count == 1, "what is done is not answered again")
    }

    @Test func anIncompleteNumberApprovesNothing() async {
        let model = model()
        model.number = "7"
        await model.approveButtonTapped()
        #expect(calls.all.isEmpty && model.phase == .asking)
    }

    @Test func denyIsOneTap() async {
        let model = model()
        await model.denyButtonTapped()
        #expect(model.phase == .done(.denied) && calls.all == ["\(Decision.deny(cancelled: false))"])
    }

    @Test(arguments: [true, false]) func aReportAsksOnceWhetherToStopSignIns(_ lock: Bool) async {
        let model = model()
        model.notMeButtonTapped()
        #expect(model.isReporting && calls.all.isEmpty)
        await model.reportButtonTapped(lock: lock)
        #expect(!model.isReporting && model.phase == .done(.reported))
        #expect(calls.all == ["\(Decision.report(notMe: true, lock: lock))"])
    }

    @Test func aScannedCodeIsTakenOnlyWhileTheCameraIsOpenHere() async {
        let model = model(.sample(rule: .scan))
        #expect(!model.canApprove && model.canScan)
        await model.codeScanned("from another camera")
        #expect(calls.all.isEmpty)
        model.scanButtonTapped()
        await model.codeScanned("code")
        #expect(calls.all == ["\(Decision.approveScanned(text: "code"))"] && !model.isScanning)
    }

    @Test func oneOfTheOptionsIsTheApproval() async {
        let model = model(.sample(rule: .pick(options: ["12", "48"])))
        await model.optionTapped("13")
        #expect(calls.all.isEmpty && !model.canScan)
        await model.optionTapped("48")
        #expect(calls.all == ["\(Decision.approve(number: "48"))"])
    }

    @Test func aPlainYesIsEnoughWhereTheServerAsksForNothing() async {
        let model = model(.sample(rule: .confirm))
        #expect(model.canApprove && !model.canScan)
        await model.approveButtonTapped()
        #expect(calls.all == ["\(Decision.approvePlain)"])
    }

    @Test func anAnswerThatIsStoredSaysSo() async {
        let model = model { _ in Answered(outcome: nil, displayCode: nil) }
        await model.denyButtonTapped()
        #expect(model.phase == .stored && !model.canDeny)
    }

    @Test func aServerThatHandsOverANumberHasItShown() async {
        let model = model(.sample(rule: .confirm)) { _ in Answered(outcome: .approved, displayCode: "31") }
        await model.approveButtonTapped()
        #expect(model.phase == .showing(code: "31"))
    }

    @Test func aPromptThatWasCancelledAsksAgainAndAFailureMayBeTriedAgain() async {
        let cancelled = model { _ in throw PushError.KeyStore(kind: .Cancelled) }
        cancelled.number = "07"
        await cancelled.approveButtonTapped()
        #expect(cancelled.phase == .asking && cancelled.canApprove)
        let failed = model { _ in throw PushError.Network(why: .noConnection) }
        failed.number = "07"
        await failed.approveButtonTapped()
        #expect(failed.phase == .failed(Sentence("error.network.no_connection")) && failed.canApprove && failed.canDeny)
    }

    @Test func itEndsByItselfWhenItsTimeIsOver() async {
        let clock = TestClock()
        var phone = Phone.preview
        phone.clock = clock.clock
        let model = model(phone: phone)
        let task = Task { await model.appeared() }
        await until { clock.sleeping == 1 }
        #expect(model.phase == .asking && model.timeLeft(at: previewMs) == 55.0 / 60)
        clock.advance(to: previewMs + 55_000)
        await task.value
        #expect(model.phase == .done(.expired) && model.timeLeft(at: previewMs + 55_000) == 0)
    }

    @Test func whatEndedElsewhereIsShownUnlessItWasAnsweredHere() async {
        let model = model()
        let elsewhere = Challenges(open: [], closed: [ClosedChallenge(id: "c1", outcome: .elsewhere)], againMs: 1, problems: [])
        model.arrived(Challenges(open: [], closed: [ClosedChallenge(id: "c2", outcome: .elsewhere)], againMs: 1, problems: []))
        #expect(model.phase == .asking, "another one ended")
        model.arrived(elsewhere)
        #expect(model.phase == .done(.elsewhere))
        let answered = self.model()
        await answered.denyButtonTapped()
        answered.arrived(elsewhere)
        #expect(answered.phase == .done(.denied))
    }

    @Test func theQuestionNamesWhoAsksAndForWhat() {
        #expect(model().question == Sentence("approve.login", .text("Hours"), .text("Hupra")))
        #expect(model(.sample(act: .test)).question == Sentence("approve.test", .text("Hupra")))
        #expect(model(.sample(act: .transaction)).question == Sentence("approve.transaction", .text("Hours"), .text("Hupra")))
    }
}

@MainActor @Suite struct HistoryModelTests {
    @Test func theNewestAnswerComesFirst() async {
        let model = HistoryModel(core: .preview, phone: .preview)
        #expect(model.phase == .loading)
        await model.appeared()
        #expect(model.phase == .shown && model.rows.map(\.answer.outcome) == [.approved, .denied])
        #expect(model.rows[0].outcome == Sentence("outcome.approved"))
    }

    @Test func nothingAnsweredIsSaidAndSoIsAFailure() async {
        var core = CoreClient.preview
        core.pushHistory = { [] }
        let empty = HistoryModel(core: core, phone: .preview)
        await empty.appeared()
        #expect(empty.phase == .empty)
        core.pushHistory = { throw PushError.Vault(why: .Storage(why: .damaged)) }
        let failed = HistoryModel(core: core, phone: .preview)
        await failed.appeared()
        #expect(failed.phase == .failed(Sentence("error.storage.damaged")))
    }
}
