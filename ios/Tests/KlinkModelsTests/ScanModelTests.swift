import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

@MainActor @Suite struct ScanModelTests {
    func core(_ found: Scanned, add: (@Sendable (Int32, Data?) async throws -> Added)? = nil) -> CoreClient {
        var core = CoreClient.preview
        var scanner = Scanner.preview
        scanner.takeText = { _ in found }
        scanner.takePicture = { _ in [ScannedCode(what: found, corners: [])] }
        if let add { scanner.add = add }
        core.scanner = { [scanner] in scanner }
        return core
    }

    @Test func anAccountIsShownThenAdded() async {
        let model = ScanModel(core: core(.account(account: .sample())), phone: .preview)
        let phases = Trace { model.phase }
        await model.codesSeen([ScannedCode(what: .account(account: .sample()), corners: [])])
        await until { phases.seen.count == 2 }
        await model.addButtonTapped()
        await until { phases.seen.count == 4 }
        #expect(phases.seen == [
            .looking, .account(.sample()), .adding, .added(Added(id: "a9", status: .new, other: nil)),
        ])
    }

    @Test func aFrameWithoutACodeChangesNothingAndALaterFrameDoesNotReplaceAnAccount() async {
        let model = ScanModel(core: .preview, phone: .preview)
        await model.codesSeen([])
        #expect(model.phase == .looking)
        await model.textPasted("sample")
        await model.codesSeen([ScannedCode(what: .wifi, corners: [])])
        #expect(model.phase == .account(.sample()))
        model.againButtonTapped()
        #expect(model.phase == .looking)
    }

    @Test func aPinIsAskedForBeforeAdding() async {
        let calls = Calls()
        let core = core(.account(account: .sample(needsPin: true))) { number, pin in
            calls.note("add \(number) \(String(decoding: pin ?? Data(), as: UTF8.self))")
            return Added(id: "a9", status: .new, other: nil)
        }
        let model = ScanModel(core: core, phone: .preview)
        await model.textPasted("sample")
        #expect(!model.canAdd)
        await model.addButtonTapped()
        model.pin = "0412"
        await model.addButtonTapped()
        #expect(calls.all == ["add 0 0412"] && model.pin.isEmpty)
    }

    @Test func anAccountThatIsRefusedStaysOnTheScreenWithTheReason() async {
        let core = core(.account(account: .sample())) { _, _ in throw VaultError.Storage(why: .diskFull) }
        let model = ScanModel(core: core, phone: .preview)
        await model.textPasted("sample")
        await model.addButtonTapped()
        #expect(model.phase == .account(.sample()) && model.problem == Sentence("error.storage.disk_full"))
    }

    @Test func anExportInPartsWaitsForThemAndThenGoesToTheImport() async {
        let first = MigrationProgress(part: 2, parts: 2, missing: [1], accounts: 3, damaged: 0, seenBefore: false)
        var rows = 0
        let model = ScanModel(core: core(.migration(progress: first)), phone: .preview)
        model.onward = { if case .importing(let importing) = $0 { rows = importing.rows.count } }
        await model.textPasted("sample")
        #expect(model.phase == .migration(first) && rows == 0)
        let last = MigrationProgress(part: 1, parts: 2, missing: [], accounts: 3, damaged: 0, seenBefore: false)
        await model.codesSeen([ScannedCode(what: .migration(progress: last), corners: [])])
        #expect(rows == 4)
        rows = 0
        await model.importButtonTapped()
        #expect(rows == 4)
    }

    @Test func anOfferGoesToTheEnrolScreen() async {
        var enrol: EnrolModel?
        let model = ScanModel(core: core(.enrolment(dialect: .klink, text: "offer")), phone: .preview)
        model.onward = { if case .enrol(let model) = $0 { enrol = model } }
        await model.textPasted("offer")
        #expect(enrol?.phase == .host(Offer(id: "o1", host: "login.hupra.example")))
    }

    @Test func anOfferThatIsNoneSaysWhy() async {
        var core = core(.enrolment(dialect: .klink, text: "offer"))
        core.offer = { _ in throw PushError.Offer(why: .expired) }
        let model = ScanModel(core: core, phone: .preview)
        await model.textPasted("offer")
        #expect(model.phase == .failed(Sentence("error.offer.expired")))
    }

    @Test(arguments: [
        (Scanned.vendorPush(vendor: .microsoft, hint: .useDifferentApp), "vendor.use_different_app"),
        (.pushMatch(text: "m"), "scan.push_match"), (.accountWithoutSecret, "scan.without_secret"),
        (.broken(report: "r"), "scan.broken"), (.passkey, "scan.passkey"), (.wifi, "scan.wifi"), (.contact, "scan.contact"),
        (.url, "scan.url"), (.otherLink, "scan.other_link"), (.plain, "scan.plain"),
    ]) func whatIsNoAccountSaysWhatItIs(_ found: Scanned, _ key: String) async {
        let model = ScanModel(core: core(found), phone: .preview)
        await model.textPasted("text")
        #expect(model.phase == .other(Sentence(key)))
    }

    @Test func aCodeOfAMoveLeadsThere() async {
        let model = ScanModel(core: core(.move(text: "m")), phone: .preview)
        var move: MoveModel?
        model.onward = { if case .move(let model) = $0 { move = model } }
        await model.textPasted("m")
        #expect(move?.phase == .receiving(.sample(taken: 1)) && model.phase == .looking)
    }

    @Test func aPictureWithoutACodeSaysSoAndABrokenOneToo() async {
        var core = CoreClient.preview
        var scanner = Scanner.preview
        scanner.takePicture = { bytes in if bytes.isEmpty { return [] } else { throw ScanError.Format } }
        core.scanner = { [scanner] in scanner }
        let model = ScanModel(core: core, phone: .preview)
        await model.picturePicked(Data())
        #expect(model.phase == .other(Sentence("scan.no_code")))
        await model.picturePicked(Data([1]))
        #expect(model.phase == .failed(Sentence("error.scan.format")))
    }

    @Test func theCameraIsAskedForOnceWhenItWasNeverAsked() async {
        let calls = Calls()
        var phone = Phone.preview
        phone.camera = { calls.all.isEmpty ? .notAsked : .denied }
        phone.askForCamera = { calls.note("asked"); return false }
        let model = ScanModel(core: .preview, phone: phone)
        #expect(model.camera == .notAsked)
        await model.appeared()
        await model.appeared()
        #expect(calls.all == ["asked"] && model.camera == .denied)
    }
}

@MainActor @Suite struct AddModelTests {
    @Test func addingLeadsToTheCamera() {
        let model = AddModel(core: .preview, phone: .preview)
        var scans = 0
        model.onward = { if case .scan = $0 { scans += 1 } }
        model.scanButtonTapped()
        #expect(scans == 1 && model.phase == .choosing)
    }

    @Test func whoCannotScanTypesHostAndCode() async {
        let model = AddModel(core: .preview, phone: .preview)
        var enrol: EnrolModel?
        model.onward = { if case .enrol(let model) = $0 { enrol = model } }
        let phases = Trace { model.phase }
        model.cannotScanButtonTapped()
        await until { phases.seen.count == 2 }
        #expect(!model.canOpen)
        model.host = "login.hupra.example"
        model.code = "4K7Q"
        await model.openButtonTapped()
        await until { phases.seen.count == 4 }
        #expect(phases.seen == [.choosing, .workCode, .opening, .workCode] && enrol != nil)
        model.backButtonTapped()
        #expect(model.phase == .choosing)
    }

    @Test func aCodeThatIsRefusedSaysWhy() async {
        var core = CoreClient.preview
        core.offerByCode = { _, _ in throw PushError.Service(status: 404, code: "", retryAfterS: nil) }
        let model = AddModel(core: core, phone: .preview)
        (model.host, model.code) = ("login.hupra.example", "4K7Q")
        await model.openButtonTapped()
        #expect(model.phase == .choosing, "nothing was opened")
        model.cannotScanButtonTapped()
        await model.openButtonTapped()
        #expect(model.phase == .workCode && model.problem == Sentence("error.push.service", .text("404")))
        model.backButtonTapped()
        #expect(model.problem == nil)
    }

    @Test func aTypedKeyIsShownBeforeItIsAdded() async {
        let keys = Kept<[EnteredKey]>([])
        var core = CoreClient.preview
        core.scanner = {
            var scanner = Scanner.preview
            scanner.takeKey = { key in
                keys.value.append(key)
                if key.secret == "no" { throw ScanError.Key(slip: .short) }
                return .sample()
            }
            return scanner
        }
        let model = AddModel(core: core, phone: .preview)
        var scan: ScanModel?
        model.onward = { if case .scan(let model) = $0 { scan = model } }
        model.keyButtonTapped()
        #expect(model.phase == .key && !model.canGoOn)
        model.secret = "no"
        await model.keyNextButtonTapped()
        #expect(model.problem == Sentence("error.key.short") && scan == nil && model.secret == "no")
        (model.issuer, model.accountName, model.secret) = ("Harbour Bank", "ann", "jbsw y3dp")
        (model.algorithm, model.digits, model.period) = (.sha256, "8", "60")
        await model.keyNextButtonTapped()
        #expect(scan?.phase == .account(.sample()) && model.problem == nil && model.secret.isEmpty)
        let key = EnteredKey(
            issuer: "Harbour Bank", accountName: "ann", secret: "jbsw y3dp", kind: .totp, algorithm: .sha256, digits: 8, periodS: 60,
            counter: nil, pin: nil)
        #expect(keys.value.last == key)
        model.kind = .steam
        model.secret = "jbsw"
        await model.keyNextButtonTapped()
        #expect(keys.value.last?.algorithm == nil && keys.value.last?.kind == .steam, "no choice of a hash where there is none")
    }

    @Test func aFileLeadsToTheImport() {
        let model = AddModel(core: .preview, phone: .preview)
        var isImporting = false
        model.onward = { if case .importing = $0 { isImporting = true } }
        model.placeTapped(.importing)
        #expect(isImporting)
    }
}
