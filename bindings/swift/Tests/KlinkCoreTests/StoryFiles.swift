import Foundation
import KlinkCore
import Synchronization
import Testing

/// A folder behind a file picker: documents by name, and no way to rename; with `refuse` nothing is to be had.
final class PickedFolder: BackupFolder {
    private let files = Mutex<[String: Data]>([:])
    private let refusal = Mutex<(any Error)?>(nil)

    var names: [String] { files.withLock { Array($0.keys) } }

    func refuse(_ error: (any Error)?) { refusal.withLock { $0 = error } }

    func list() throws -> [StoredFile] {
        if let error = refusal.withLock({ $0 }) { throw error }
        return files.withLock { $0.map { StoredFile(name: $0.key, bytes: Int64($0.value.count)) } }
    }

    func read(name: String) throws -> Data {
        guard let data = files.withLock({ $0[name] }) else { throw FolderError.NotFound }
        return data
    }

    func write(name: String, bytes: Data) throws {
        try files.withLock { files in
            guard files[name] == nil else { throw FolderError.AlreadyExists }
            files[name] = bytes
        }
    }

    func rename(from: String, to: String) throws { throw FolderError.Unsupported }

    func delete(name: String) throws { files.withLock { $0[name] = nil } }
}

/// Acts of the story about files: what comes in from other apps, what goes out, moves and backups.
struct StoryFiles {
    let own: Authenticator
    let key: UnlockKey
    let folder: URL

    func takesFiles() async throws {
        tell("another app's sealed file is known by its content, and asks for its password")
        let aegis = try Stage.bytes("file/aegis,%20sealed")
        #expect(detectImport(name: "no.name", bytes: aegis) == .aegis)
        #expect(detectImport(name: "note.txt", bytes: Data("hello".utf8)) == nil)
        let file = [ImportSource(name: "aegis.json", bytes: aegis)]
        await #expect(throws: TransferError.NeedsPassword(format: .aegis, needs: .password)) { _ = try await opened(file) }
        await #expect(throws: TransferError.WrongPassword(format: .aegis)) { _ = try await opened(file, "wrong") }
        tell("its rows say what is new, and what is wrong with the others has a place and a reason")
        let preview = try await opened(file, "test")
        let rows = preview.rows()
        #expect(preview.format() == .aegis && preview.problems().count == 2)
        #expect(preview.problems().allSatisfy { $0.place.entry != nil })
        #expect(rows.contains { !$0.groups.isEmpty } && rows.contains { !$0.note.isEmpty })
        #expect(!preview.setTicked(number: Int32(rows.count), ticked: true))
        #expect(preview.setTicked(number: try #require(rows.first { $0.status == .new }).number, ticked: false))
        tell("what is ticked is added in one step and read back")
        let counts = preview.counts()
        let before = try own.accounts().count + own.trash().count
        let done = try await preview.commit(atMs: now())
        #expect(done.counts == counts && done.ids.count == Int(counts.imported))
        #expect(counts.total == counts.imported + counts.duplicates + counts.unsupported + counts.damaged + counts.skipped)
        #expect(try own.accounts().count + own.trash().count == before + Int(counts.imported))
        await #expect(throws: TransferError.Used) { _ = try await preview.commit(atMs: now()) }
        #expect(try await opened(file, "test").counts().duplicates == counts.imported)
        tell("a file that is cut is damaged at a place, and what is no file of an app is not recognised")
        let cut = [ImportSource(name: "2fas", bytes: try Stage.bytes("file/2fas,%20schema%204").dropLast(200))]
        do {
            _ = try await opened(cut)
            Issue.record("it was read")
        } catch TransferError.Damaged(let format, _) {
            #expect(format == .twoFas)
        }
        await #expect(throws: TransferError.NotRecognised) {
            _ = try await opened([ImportSource(name: "note.txt", bytes: Data("hello".utf8))])
        }
        tell("a key that is typed is an account, and a slip has its place")
        let session = ScanSession()
        let typed = EnteredKey(issuer: "Typed", accountName: "ann", secret: "jbsw y3dp-ehpk 3pxp", kind: .totp)
        let found = try session.takeKey(key: typed)
        let added = try await own.addScanned(session: session, number: found.number, pin: nil, atMs: now())
        #expect(try own.account(id: added.id).issuer == "Typed")
        #expect(throws: ScanError.Key(slip: .character(place: 2))) {
            _ = try session.takeKey(key: EnteredKey(issuer: "", accountName: "", secret: "JB1W", kind: .totp))
        }
    }

    func goesOut(_ second: Authenticator) async throws {
        tell("an export says first what it cannot hold, and is written once after a confirmation")
        #expect(exportFormats().filter { !$0.plain }.map(\.format) == [.aegis])
        let report = try await own.exportReport(format: .aegis, ids: nil)
        #expect(try report.written.count + report.leftOut.count == own.accounts().count)
        let order = ExportOrder.aegis(password: Data("a password".utf8))
        await #expect(throws: TransferError.Vault(why: .NotConfirmed)) {
            _ = try await own.export(order: order, ids: nil, bootMs: boot())
        }
        try await own.confirm(key: key, bootMs: boot())
        let exported = try await own.export(order: order, ids: nil, bootMs: boot())
        #expect(exported.report == report)
        guard case .file(let bytes) = exported.content else { throw Odd(text: "no file") }
        let again = try await opened([ImportSource(name: "aegis.json", bytes: bytes)], "a password")
        #expect(again.counts().duplicates == Int64(report.written.count))
        let code = try #require(qrCode(text: "otpauth://totp/a?secret=JBSWY3DP"))
        #expect(code.modules.count == Int(code.size * code.size))
        tell("accounts move to a second phone by codes, and its receipt says that all arrived")
        let paper = try makeRecoveryCode()
        _ = try await second.create(new: NewVault(recoveryCode: TypedBack(code: paper, typed: paper)), atMs: now())
        try await own.confirm(key: key, bootMs: boot())
        let outgoing = try await own.sendAccounts(way: .codes, bootMs: boot())
        await #expect(throws: TransferError.Move(why: .incomplete)) {
            _ = try await second.receiveAccounts(only: nil, atMs: now())
        }
        for text in outgoing.codes.reversed() { _ = try await second.takeMoveCode(text: text) }
        #expect(try await second.incoming().missing == [])
        let received = try await second.receiveAccounts(only: nil, atMs: now())
        #expect(received.arrived == outgoing.accounts && received.of == outgoing.accounts)
        #expect(try second.accounts().count == own.accounts().count)
        #expect(try await own.handedOver(typed: received.receipt == "000000" ? "000001" : "000000") == nil)
        #expect(try await own.handedOver(typed: received.receipt) == Handed(arrived: outgoing.accounts, of: outgoing.accounts))
        #expect(try await !own.isSending())
        second.lock()
    }

    func backsUp() async throws {
        tell("a backup goes into a picked folder, is read back, and a test opens every account of it")
        let picked = PickedFolder()
        let path = folder.appendingPathComponent("backups")
        #expect(try await own.backupState(atMs: now()).trouble == .never)
        let done = try await own.backUp(folder: picked, keep: 10, ifDue: true, atMs: now())
        #expect(done.written && picked.names == [done.file.name])
        #expect(try await !own.backUp(folder: picked, keep: 10, ifDue: true, atMs: now()).written)
        #expect(try await own.backupState(atMs: now()).trouble == nil)
        let written = try await own.backUpToPath(path: path.path, keep: 10, ifDue: false, atMs: now())
        let file = path.appendingPathComponent(written.file.name).path
        let tested = try await own.testBackup(path: file, key: key)
        #expect(try tested.accounts == Int64(own.accounts().count) && tested.damaged == [])
        tell("a folder that refuses is on the main screen until it is mended")
        picked.refuse(FolderError.Unavailable)
        await #expect(throws: VaultError.Storage(why: .folder(why: .Unavailable))) {
            _ = try await own.backUp(folder: picked, keep: 10, ifDue: false, atMs: now())
        }
        guard case .failing = try await own.backupState(atMs: now()).trouble else { throw Odd(text: "no trouble") }
        tell("what was deleted comes back from a backup: shown first, then merged")
        let gone = try #require(try own.accounts().first).id
        try await own.delete(id: gone, atMs: now())
        #expect(try await own.compare(path: file, key: nil).rows.filter { $0.status != .same }.map(\.account.id) == [gone])
        #expect(try await own.merge(path: file, key: nil, ids: [gone], atMs: now()) == 1)
        #expect(try own.account(id: gone).trashedAtMs == nil)
    }

    func checks() async throws {
        tell("a self-check has a line for what this phone has, with what to do about it")
        let facts = ShellFacts(
            screenLock: true, notifications: .denied, camera: .granted, batteryRestricted: nil, hibernates: nil,
            canBeWoken: false)
        let lines = try await own.selfCheck(facts: facts, atMs: now())
        #expect(lines.contains(CheckLine(what: .vault, state: .good)))
        #expect(lines.contains(CheckLine(what: .notifications, state: .bad(advice: .allowInSettings))))
        #expect(!lines.contains { $0.what == .battery })
        tell("a lock that is off opens by the device alone and confirms nothing")
        try await own.turnLockOff(key: key, atMs: now())
        own.lock()
        #expect(try await own.unlockWithLockOff(atMs: now()).mode == .readWrite)
        try await own.turnLockOn(key: key, atMs: now())
        own.lock()
        await #expect(throws: VaultError.WayIn(why: .none)) { _ = try await own.unlockWithLockOff(atMs: now()) }
        _ = try await own.unlock(key: key, atMs: now(), bootMs: boot())
        tell("a pack has codes and no seed, and a message in the spool is taken until it is done")
        let pack = folder.appendingPathComponent("pack")
        let spool = folder.appendingPathComponent("spool")
        let ids = try own.accounts().map(\.id)
        let packed = try await own.writePack(path: pack.path, plan: PackPlan(ids: ids, lengthMs: 3_600_000), atMs: now())
        #expect(Set(packed.ids + packed.leftOut) == Set(ids))
        #expect(try Data(contentsOf: pack).starts(with: Data("AKW1\n".utf8)))
        #expect(try await own.packKey().count == 32)
        try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
        let name = String(repeating: "ab", count: 16)
        try Data("from an extension".utf8).write(to: spool.appendingPathComponent("\(name).msg"))
        #expect(try await own.takeSpool(folder: spool.path).map(\.again) == [false])
        #expect(try await own.takeSpool(folder: spool.path).map(\.again) == [true])
        try await own.spoolDone(folder: spool.path, id: name)
        #expect(try await own.takeSpool(folder: spool.path) == [])
    }

    private func opened(_ files: [ImportSource], _ password: String? = nil) async throws -> ImportPreview {
        let secrets = ImportSecrets(password: password.map { Data($0.utf8) })
        return try await own.previewImport(sources: files, secrets: secrets, consented: false)
    }
}
