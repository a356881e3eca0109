#if DEBUG
import Foundation
import KlinkCore

extension CoreClient {
    /// Answers from memory, always the same: for previews, and for tests that put other closures in.
    public static let preview = Self(
        status: { .unlocked(mode: .readWrite) },
        create: { _ in },
        unlock: { _ in .sample() },
        unlockWithLockOff: { .sample() },
        lock: {},
        watch: { _ in },
        report: { _ in false },
        nextSteps: { [] },
        accept: {},
        archivePrevious: {},
        verify: { .sample() },
        selfCheck: { _ in CheckLine.samples },
        confirm: { _ in },
        checkWayIn: { _ in },
        duties: { Duties(checkPassphrase: false, renewRecoveryCode: false) },
        waysIn: { WayIn.samples },
        changePassphrase: { _, _ in },
        renewDeviceWayIn: { _ in },
        renewRecoveryCode: { _, _ in },
        removeWayIn: { _, _ in },
        turnLockOff: { _ in },
        turnLockOn: { _ in },
        makeRecoveryCode: { "ABCD-EFGH-JKMN-PQRS-TVWX-YZ23-4567" },
        strength: { PassphraseStrength(score: $0.count < 12 ? 1 : 4, good: $0.count >= 12) },
        accounts: { Account.samples },
        account: { id in
            guard let account = Account.samples.first(where: { $0.id == id }) else { throw VaultError.Account(why: .notThere) }
            return account
        },
        search: { query, _ in
            Account.samples.filter { query.isEmpty || $0.issuer.lowercased().contains(query.lowercased()) }
        },
        trash: { [.sample("t1", "Old Shop", "ann", trashedAtMs: previewMs - 3_600_000)] },
        codes: { ids, _ in
            let rows = Account.samples.filter { ids.contains($0.id) }.map { account in
                let window = (previewMs - 10_000, previewMs + 20_000)
                return account.kind == .hotp
                    ? CodeRow(id: account.id, code: nil, next: nil, noCode: .counts)
                    : CodeRow(
                        id: account.id, code: TimedCode(text: "287082", validFromMs: window.0, validUntilMs: window.1),
                        next: TimedCode(text: "359152", validFromMs: window.1, validUntilMs: window.1 + 30_000), noCode: nil)
            }
            return Codes(rows: rows, nextChangeAtMs: previewMs + 20_000)
        },
        nextCode: { _ in CountedCode(text: "755224", counter: "0") },
        used: { _ in },
        change: { _, _ in },
        delete: { _ in },
        restore: { _ in },
        purgeExpired: { 0 },
        setOrder: { _ in },
        showCode: { _, _ in },
        reveal: { _ in Revealed(secret: "GEZDGNBVGY3TQOJQ", uri: "sample:account") },
        changes: { AsyncStream { _ in } },
        groups: { AccountGroup.samples },
        addGroup: { _ in "g3" },
        renameGroup: { _, _ in },
        deleteGroup: { _ in },
        scanner: { .preview },
        previewImport: { _, _, _ in .preview },
        exportFormats: { ExportFormatInfo.samples },
        exportReport: { _ in .sample },
        export: { order in
            switch order {
            case .googleMigration, .codes: Exported(report: .sample, content: .codes(texts: ["one", "two"]))
            case .uriList, .aegis, .sheet, .cxf: Exported(report: .sample, content: .file(bytes: Data("export".utf8)))
            }
        },
        isSending: { false },
        sending: { nil },
        sendAccounts: { .sample($0) },
        handedOver: { $0 == "042817" ? Handed(arrived: 4, of: 4) : nil },
        stopSending: {},
        incoming: { .sample() },
        takeMoveCode: { _ in .sample(taken: 1) },
        takeMoveFile: { _ in .sample(taken: 1) },
        compareMove: { throw TransferError.Move(why: .incomplete) },
        receiveAccounts: { .sample },
        stopReceiving: {},
        packKey: { Data(count: 32) },
        writePack: { Packed(ids: $1.ids, leftOut: [], untilMs: previewMs + $1.lengthMs) },
        takeSpool: { _ in [] },
        spoolDone: { _, _ in },
        backupState: { BackupState(lastGood: GoodBackup(atMs: previewMs - 3_600_000, accounts: 4, name: "a.akb"), trouble: nil) },
        backUp: { _, _ in
            BackedUp(file: BackupFile(name: "b.akb", bytes: 20_480, createdAtMs: previewMs, accounts: 4), written: true)
        },
        snapshots: { [.sample()] },
        writeBackup: { CopyInfo(number: 0, path: $0, bytes: 20_480, says: CopyInfo.sample().says, state: .whole) },
        testBackup: { _, _ in .sample() },
        compare: { _, _ in .sample },
        merge: { Int64($2.count) },
        restoreBackup: { _, _ in .sample() },
        salvagePreview: { _ in .sample },
        commitSalvage: { _, _ in .sample() },
        offer: { _ in Offer(id: "o1", host: "login.hupra.example") },
        offerByCode: { host, _ in Offer(id: "o1", host: host) },
        checkOffer: {
            CheckedOffer(id: $0, host: "login.hupra.example", service: "Hupra", accountName: "ann", clockIsSuspect: false)
        },
        enrol: { _, _ in Enrolled(id: "e1", checkNumber: "042817", accountId: "a1") },
        resumeEnrolment: { Enrolled(id: $0, checkNumber: "042817", accountId: "a1") },
        enrolments: { [.sample()] },
        challenges: { AsyncStream { _ in } },
        look: { Challenges(open: [], closed: [], againMs: 1, problems: []) },
        answer: { _, decision in
            switch decision {
            case .approve, .approveScanned, .approvePlain: Answered(outcome: .approved, displayCode: nil)
            case .deny: Answered(outcome: .denied, displayCode: nil)
            case .report: Answered(outcome: .reported, displayCode: nil)
            }
        },
        testPush: { _ in TestPush(request: "c1", number: "42") },
        pushHistory: { [.sample(.deny, .denied, minutesAgo: 90), .sample(.approve, .approved, minutesAgo: 3)] },
        renameEnrolment: { _, _ in },
        removeEnrolment: { _ in },
        unenrol: { _ in },
        rotateKey: { _, _ in },
        mute: { _, _ in },
        wakeUp: { _ in nil },
        changePushEndpoint: { _, _ in },
        pushKey: { _ in nil },
        subscribe: { relay, _, _ in relay + "/push/1" })
}

extension Scanner {
    public static let preview = Self(
        takeFrame: { _, _, _, _ in [] },
        takePicture: { _ in [ScannedCode(what: .account(account: .sample()), corners: [])] },
        takeText: { _ in .account(account: .sample()) },
        takeKey: { ScannedAccount(number: 0, kind: $0.kind, issuer: $0.issuer, accountName: $0.accountName, algorithm: .sha1, digits: 6, periodS: 30, needsPin: false) },
        add: { _, _ in Added(id: "a9", status: .new, other: nil) },
        preview: { .preview })
}

extension Preview {
    public static let preview = Self(
        rows: { PreviewRow.samples },
        problems: {
            [
                ImportProblem(
                    place: ImportPlace(source: 0, entry: 5, name: "Old Shop", byte: nil), why: .link(report: "no secret"), damaged: true,
                    entries: 1)
            ]
        },
        missingParts: { [] },
        setTicked: { _, _ in true },
        setPin: { _, _ in true },
        commit: {
            ImportDone(
                counts: ImportCounts(total: 5, imported: 3, duplicates: 1, unsupported: 0, damaged: 1, skipped: 0),
                ids: ["a5", "a6", "a7"])
        })
}

extension Phone {
    /// A phone with everything allowed, at the moment of every preview.
    public static let preview = {
        var phone = Self(
            clock: Clock(
                nowMs: { previewMs }, bootMs: { 60_000 },
                // Nothing comes to an end by itself in a preview.
                sleep: { _ in try? await Task.sleep(for: .seconds(86_400)) }))
        phone.name = { "Ann's iPhone" }
        phone.system = { "ios 19.1" }
        phone.app = { "klink 0.1.0" }
        phone.temporaryFile = { "files/\($0)" }
        return phone
    }()
}
#endif
