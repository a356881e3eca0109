import Foundation
import KlinkCore
import Testing

/// One phone's story, told in Swift against the real library and the real reference service.
@Suite(.serialized) struct StoryTests {
    let phone = SoftPhone(who: "swift")
    let stage: Stage
    let own: Authenticator

    init() throws {
        stage = try Stage(who: "swift")
        own = phone.start()
    }

    @Test(.timeLimit(.minutes(3))) func story() async throws {
        let key = try await creates()
        let account = try await scans()
        try await imports()
        try await locks(key, account)
        let files = StoryFiles(own: own, key: key, folder: phone.folder)
        try await files.takesFiles()
        try await files.goesOut(SoftPhone(who: "swift").start())
        try await files.backsUp()
        try await files.checks()
        let enrolment = try await enrols()
        try await answers(enrolment)
        try await faults(key)
        try? FileManager.default.removeItem(at: phone.folder)
    }

    func creates() async throws -> UnlockKey {
        tell("a vault needs a way in that is no hardware")
        await #expect(throws: VaultError.WayIn(why: .needsPortable)) { _ = try await own.create(new: NewVault(), atMs: now()) }
        tell("a recovery code that was not typed back is no way in")
        let code = try makeRecoveryCode()
        let other = TypedBack(code: code, typed: try makeRecoveryCode())
        await #expect(throws: VaultError.RecoveryCode(slip: .differs)) {
            _ = try await own.create(new: NewVault(recoveryCode: other), atMs: now())
        }
        tell("a vault is made with a passphrase and a recovery code")
        let typed = TypedBack(code: code, typed: code.lowercased().replacingOccurrences(of: "-", with: " "))
        _ = try await own.create(new: NewVault(passphrase: passphrase, recoveryCode: typed), atMs: now())
        #expect(try own.accounts() == [])
        #expect(try own.mode() == .readWrite)
        return .recoveryCode(code: code)
    }

    func scans() async throws -> String {
        let session = ScanSession()
        tell("a picture brings an account, and its secret stays behind")
        let found = try #require(try await session.takePicture(bytes: Stage.bytes("picture")).first)
        guard case .account(let account) = found.what else { throw Odd(text: "no account") }
        #expect(account.issuer == "ACME")
        #expect(!"\(found)".contains("GEZD"))
        let added = try await own.addScanned(session: session, number: account.number, pin: nil, atMs: now())
        #expect(added.status == .new)
        tell("a camera's frame with padded rows brings the same account")
        let seen = try #require(try session.takeFrame(luma: Stage.bytes("frame"), width: 640, height: 480, stride: 704).first)
        guard case .account(let again) = seen.what else { throw Odd(text: "no account") }
        #expect(again.number == account.number)
        let twice = try await own.addScanned(session: session, number: again.number, pin: nil, atMs: now())
        #expect(twice.status == .alreadyThere && twice.id == added.id)
        tell("a frame without the shape of one is refused, and a white one brings nothing")
        #expect(throws: ScanError.Shape) {
            _ = try session.takeFrame(luma: Data(count: 5), width: 640, height: 480, stride: 704)
        }
        #expect(try session.takeFrame(luma: Data(count: 704 * 480), width: 640, height: 480, stride: 704) == [])
        await #expect(throws: ScanError.Format) { _ = try await session.takePicture(bytes: Data("no".utf8)) }
        tell("a text that is no account is named")
        #expect(session.takeText(text: "WIFI:S:home;T:WPA;P:secret;;") == .wifi)
        tell("RFC 6238's code comes at RFC 6238's time, with its window")
        let codes = try own.codes(atMs: 59_000, offsetMs: 0, ids: [added.id, "no id"])
        let row = try #require(codes.rows.first)
        #expect(row.code?.text == "94287082" && codes.rows.count == 1)
        #expect(row.code?.validUntil == Date(timeIntervalSince1970: 60) && codes.nextChangeAt == row.code?.validUntil)
        return added.id
    }

    func imports() async throws {
        let session = ScanSession()
        tell("nothing scanned is nothing to import")
        await #expect(throws: TransferError.NotRecognised) { _ = try await own.previewScanned(session: session) }
        tell("an export in two parts says what is missing")
        for (part, missing) in [("2", [Int32(1)]), ("1", [])] {
            let text = String(decoding: try Stage.bytes("export/\(part)"), as: UTF8.self)
            guard case .migration(let progress) = session.takeText(text: text) else { throw Odd(text: "no export") }
            #expect(progress.missing == missing)
        }
        tell("a preview says what is new and what is there, and adds nothing")
        let preview = try await own.previewScanned(session: session)
        let rows = preview.rows()
        #expect(rows.count == 12 && rows.filter { !$0.ticked }.count == 1)
        #expect(try own.accounts().count == 1)
        #expect(preview.setTicked(number: try #require(rows.first { $0.ticked }).number, ticked: false))
        tell("the sum of an import holds, and it is committed once")
        let counts = ImportCounts(total: 12, imported: 10, duplicates: 1, unsupported: 0, damaged: 0, skipped: 1)
        #expect(try await preview.commit(atMs: now()).counts == counts)
        #expect(try own.accounts().count == 11)
        await #expect(throws: TransferError.Used) { _ = try await preview.commit(atMs: now()) }
    }

    func locks(_ key: UnlockKey, _ account: String) async throws {
        tell("a secret is revealed only after a confirmation, once")
        await #expect(throws: VaultError.NotConfirmed) { _ = try await own.reveal(id: account, bootMs: boot()) }
        try await own.confirm(key: key, bootMs: boot())
        #expect(try await own.reveal(id: account, bootMs: boot()).secret.hasPrefix("GEZDGNBV"))
        await #expect(throws: VaultError.NotConfirmed) { _ = try await own.reveal(id: account, bootMs: boot()) }
        tell("locked means locked")
        own.lock()
        #expect(throws: VaultError.Locked) { _ = try own.accounts() }
        #expect(throws: VaultError.Locked) { _ = try own.groups() }
        #expect(throws: VaultError.Locked) { _ = try own.codes(atMs: 59_000, offsetMs: 0, ids: [account]) }
        tell("a wrong passphrase and a slip of the pen are told apart, and the right one opens")
        await #expect(throws: VaultError.WrongKey) {
            _ = try await own.unlock(key: .passphrase(passphrase: Data("walnut".utf8)), atMs: now(), bootMs: boot())
        }
        await #expect(throws: VaultError.RecoveryCode(slip: .length(letters: 3))) {
            _ = try await own.unlock(key: .recoveryCode(code: "ABC"), atMs: now(), bootMs: boot())
        }
        let opened = try await own.unlock(key: .passphrase(passphrase: passphrase), atMs: now(), bootMs: boot())
        #expect(opened.mode == .readWrite && opened.report.accounts == 11)
    }

    func enrols() async throws -> String {
        tell("an offer shows its host first, then who vouches for it, then the phone is enrolled")
        let offer = try own.offer(text: stage.does("offer"))
        #expect(offer.host.hasPrefix("127.0.0.1:"))
        let checked = try await own.checkOffer(offerId: offer.id)
        #expect(checked.service == "Example Organisation" && checked.accountName == "swift")
        let enrolled = try await own.enrol(offerId: offer.id, phone: info)
        #expect(try enrolled.checkNumber == stage.does("check-number"))
        tell("an offer that was taken is none any more")
        await #expect(throws: PushError.NotThere(what: .offer)) { _ = try await own.enrol(offerId: offer.id, phone: info) }
        try stage.does("confirm")
        tell("the key of the service's wake-ups is known before enrolling and after")
        let key = try #require(checked.pushKey)
        let again = try await own.pushKey(id: enrolled.id)
        #expect(key.count == 87 && again == key)
        tell("what is no relay gives no endpoint")
        var status: Int32?
        do {
            _ = try await own.subscribe(relay: "https://\(offer.host)", vendor: .fcm, token: "token", pushKey: key)
        } catch PushError.Service(let answered, _, _) { status = answered }
        #expect(status == 404)
        tell("an enrolment says where its wake-ups go")
        for endpoint in ["https://push.example.org/1", nil] {
            try await own.changePushEndpoint(id: enrolled.id, endpoint: endpoint)
            #expect(try await own.enrolments().map(\.pushEndpoint) == [endpoint])
        }
        return enrolled.id
    }

    func answers(_ enrolment: String) async throws {
        let stream = own.challengeStream()
        var shown = stream.makeAsyncIterator()
        tell("a test comes on the stream, and its approval makes the enrolment work")
        var number = try stage.does("test")
        let test = try await newest(&shown)
        #expect(test.act == .test && test.enrolmentId == enrolment)
        #expect(try await own.answer(challengeId: test.id, decision: .approve(number: number)).outcome == .approved)
        tell("a number without its digits is not sent")
        number = try stage.does("ask")
        let request = try await newest(&shown)
        await #expect(throws: PushError.Number(why: .digits(digits: Int32(number.count)))) {
            _ = try await own.answer(challengeId: request.id, decision: .approve(number: "7"))
        }
        tell("a person who cancels the device's prompt has approved nothing")
        phone.keys.refuse(KeyStoreError.Cancelled)
        await #expect(throws: PushError.KeyStore(kind: .Cancelled)) {
            _ = try await own.answer(challengeId: request.id, decision: .approve(number: number))
        }
        phone.keys.refuse(nil)
        tell("a sign-in is approved with its number")
        #expect(try await own.answer(challengeId: request.id, decision: .approve(number: number)).outcome == .approved)
        #expect(try stage.does("state") == "Approved")
        tell("another is denied, locked")
        try stage.does("ask")
        let another = try await newest(&shown)
        own.lock()
        #expect(try await own.answer(challengeId: another.id, decision: .deny(cancelled: false)).outcome == .denied)
        #expect(try stage.does("state") == "Denied")
        tell("a request that is not there is named")
        await #expect(throws: PushError.NotThere(what: .request)) {
            _ = try await own.answer(challengeId: another.id, decision: .deny(cancelled: false))
        }
        tell("a stream whose task is cancelled leaves no task behind")
        let iterating = Task { for await _ in own.challengeStream() {} }
        try await until { liveTasks() > 0 }
        iterating.cancel()
        await iterating.value
        try await until { liveTasks() == 0 }
        tell("a stream of changes whose task is cancelled leaves no task behind")
        let redrawing = Task { for await _ in own.changeStream() {} }
        try await until { liveTasks() > 0 }
        redrawing.cancel()
        await redrawing.value
        try await until { liveTasks() == 0 }
        tell("the history has both answers, the newest first")
        #expect(try await own.pushHistory().prefix(2).map(\.kind) == [.deny, .approve])
    }

    func faults(_ key: UnlockKey) async throws {
        tell("a panic is an error without its text; the vault is locked and its file whole")
        _ = try await own.unlock(key: key, atMs: now(), bootMs: boot())
        do {
            try await own.rehearseFault()
            Issue.record("no error")
        } catch VaultError.Internal(let report) {
            #expect(report.hasPrefix("panic at ") && report.contains(".rs:"))
            #expect(!report.contains("JBSWY3DP") && !report.contains("rehearsed"))
        }
        guard case .locked = try own.status() else { throw Odd(text: "not locked") }
        let opened = try await phone.start().unlock(key: key, atMs: now(), bootMs: boot())
        #expect(opened.mode == .readWrite && opened.report.damaged == [])
        tell("what a key store throws besides its errors is a hardware fault, without its text")
        _ = try await own.unlock(key: key, atMs: now(), bootMs: boot())
        try await own.renewDeviceWayIn(key: key, atMs: now())
        own.lock()
        phone.keys.refuse(Odd(text: "JBSWY3DPEHPK3PXP"))
        await #expect(throws: VaultError.KeyStore(kind: .HardwareFault)) {
            _ = try await own.unlock(key: .device, atMs: now(), bootMs: boot())
        }
        phone.keys.refuse(nil)
        tell("with a key store that works the device opens the vault")
        #expect(try await own.unlock(key: .device, atMs: now(), bootMs: boot()).mode == .readWrite)
        own.lock()
    }

    func newest(_ shown: inout AsyncStream<ChallengeEvent>.Iterator) async throws -> Challenge {
        while let event = await shown.next() {
            if case .shown(let challenges) = event, let first = challenges.open.first { return first }
        }
        throw Odd(text: "the stream ended")
    }

    /// Waits until `condition` holds; the test's own limit ends it.
    func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    let passphrase = Data("walnut harbour quilt".utf8)
    let info = PhoneInfo(name: "a phone in Swift", os: "linux", app: "story 1", pushEndpoint: nil)
}
