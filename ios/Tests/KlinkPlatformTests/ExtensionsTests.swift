import CryptoKit
import Foundation
import KlinkCore
import KlinkShared
import SwiftUI
import Testing
@testable import AutoFillExtension
@testable import KlinkPlatform
@testable import WidgetExtension

/// A new vault that is open, and its recovery code: that way in costs no time.
private func opened(_ who: String) async throws -> (Authenticator, String) {
    let own = SoftPhone(who: who).start(), code = try makeRecoveryCode()
    _ = try await own.create(new: NewVault(recoveryCode: TypedBack(code: code, typed: code)), atMs: now())
    return (own, code)
}

/// What the extensions read of the app, and what they leave for it: with packs that the real library sealed.
@Suite struct ExtensionsTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("klink-shared-\(UUID().uuidString)")

    /// A pack as the app writes it, its key, and the codes that the core shows for the same accounts.
    func pack(
        _ links: [String], minutes: Int64, at: Int64 = now()
    ) async throws -> (sealed: Data, key: Data, ids: [String], own: Authenticator, at: Int64) {
        let (own, _) = try await opened("pack")
        var ids: [String] = []
        for link in links {
            let session = ScanSession()
            guard case .account(let found) = session.takeText(text: link) else { throw Odd(text: "no account: \(link)") }
            ids.append(try await own.addScanned(session: session, number: found.number, pin: nil, atMs: at).id)
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("widget")
        _ = try await own.writePack(path: file.path, plan: PackPlan(ids: ids, lengthMs: minutes * 60_000), atMs: at)
        return (try Data(contentsOf: file), try await own.packKey(), ids, own, at)
    }

    @Test(.enabled(if: ChaChaPoly.isHere, "libcrypto.so.3 is not on this machine")) func aPackOfTheCoreIsReadWithItsCodes() async throws {
        let made = try await pack(
            ["otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME", "otpauth://totp/bob?secret=GEZDGNBVGY3TQOJQ&period=60&digits=8",
                "otpauth://hotp/Old:ann?secret=GEZDGNBVGY3TQOJQ&counter=3"], minutes: 10)
        let read = try Pack(made.sealed, key: made.key)
        #expect(read.accounts.map(\.id) == Array(made.ids.prefix(2)), "codes that count are in no pack")
        #expect(read.accounts[0].issuer == "ACME" && read.accounts[0].accountName == "ann" && read.untilMs == made.at + 600_000)
        for step: Int64 in 0..<20 {
            let at = made.at + step * 30_000
            let rows = try made.own.codes(atMs: at, offsetMs: 0, ids: made.ids).rows
            for account in read.accounts {
                let code = rows.first { $0.id == account.id }?.code
                #expect(account.code(atMs: at) == code?.text && account.endMs(atMs: at) == code?.validUntilMs)
            }
        }
        #expect(read.accounts[0].code(atMs: made.at - 60_000) == nil && read.accounts[0].code(atMs: made.at + 700_000) == nil)
        // Whoever changes a byte, or has another key, reads nothing.
        var other = made.sealed
        other[other.count - 1] ^= 1
        #expect(throws: (any Error).self) { try Pack(other, key: made.key) }
        #expect(throws: (any Error).self) { try Pack(made.sealed, key: Data(repeating: 7, count: 32)) }
        #expect(throws: (any Error).self) { try Pack(made.sealed.dropFirst(), key: made.key) }
        #expect(throws: (any Error).self) { try Pack(Data("AKW1\n".utf8), key: made.key) }
        try FileManager.default.removeItem(at: folder)
    }

    @Test(.enabled(if: ChaChaPoly.isHere, "libcrypto.so.3 is not on this machine")) func theWidgetShowsCodesForAMinuteAndHidesThem() async throws {
        let made = try await pack(["otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME"], minutes: 10)
        let read = try Pack(made.sealed, key: made.key)
        let start = Date(timeIntervalSince1970: Double(made.at) / 1000)
        // Hidden until the end of the pack; then the app has to be opened.
        let hidden = CodesProvider.entries(read, start, shownUntil: .distantPast)
        #expect(hidden.map(\.isShown) == [false, false] && hidden.map { $0.accounts.count } == [1, 0])
        #expect(hidden[1].ms == read.untilMs)
        let shown = CodesProvider.entries(read, start, shownUntil: start + 60)
        #expect(shown.first?.isShown == true && shown.filter(\.isShown).count == 3, "now and two changes within a minute")
        #expect(shown.first { !$0.isShown }?.date == start + 60 && shown.last?.accounts.isEmpty == true)
        #expect(CodesProvider.entries(nil, start, shownUntil: start + 60).map { $0.accounts.count } == [0])
        await MainActor.run {
            let code = read.accounts[0].code(atMs: made.at) ?? "none"
            #expect(tree(CodesView(entry: shown[0])).drawing.contains(code))
            let dots = tree(CodesView(entry: hidden[0]))
            #expect(!dots.drawing.contains(code) && dots.drawing.contains("ACME") && dots.drawing.contains("•••"))
            #expect(dots.all(.button).count == 1, "a tap shows them")
            #expect(tree(CodesView(entry: hidden[1])).drawing.contains("widget.open"))
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test(.enabled(if: ChaChaPoly.isHere, "libcrypto.so.3 is not on this machine")) func autoFillPutsTheSitesOwnAccountFirst() async throws {
        let links = ["ACME", "Git%20Hub", "Post"].map { "otpauth://totp/\($0):ann?secret=JBSWY3DPEHPK3PXP&issuer=\($0)" }
        let made = try await pack(links, minutes: 1)
        let read = try Pack(made.sealed, key: made.key)
        #expect(read.accounts(for: ["login.github.com", "github.com"]).map(\.issuer) == ["Git Hub", "ACME", "Post"])
        #expect(read.accounts(for: []).map(\.issuer) == ["ACME", "Git Hub", "Post"])
        try FileManager.default.removeItem(at: folder)
    }

    @Test(.enabled(if: ChaChaPoly.isHere, "libcrypto.so.3 is not on this machine")) func autoFillOffersAccountsAndFillsInTheCodeOfNow() async throws {
        let links = ["ACME", "Git%20Hub"].map { "otpauth://totp/\($0):ann?secret=JBSWY3DPEHPK3PXP&issuer=\($0)" }
        let made = try await pack(links, minutes: 10)
        let accounts = try Pack(made.sealed, key: made.key).accounts(for: ["github.com"])
        try await MainActor.run {
            var chosen: [String?] = []
            let list = tree(CodesList(accounts: accounts) { chosen.append($0) })
            let offered = list.all(.button).map(\.words).filter { $0.hasSuffix("ann") }
            #expect(offered == ["Git Hub, ann", "ACME, ann"] && !list.drawing.contains("autofill.open"))
            let codes = { accounts[0].code(atMs: now()) }
            let before = codes()
            try #require(list.all(.button).first { $0.words == "Git Hub, ann" }).tap?()
            #expect(chosen == [before] || chosen == [codes()], "a code may change meanwhile")
            try #require(list.all(.button).first { $0.words == "autofill.cancel" }).tap?()
            #expect(chosen.count == 2 && chosen[1] == nil, "nothing is filled in for who gives up")
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test(.enabled(if: ChaChaPoly.isHere, "libcrypto.so.3 is not on this machine")) func autoFillSaysWhenItsPackIsOver() async throws {
        let links = ["otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME"]
        let made = try await pack(links, minutes: 1, at: now() - 600_000)
        let accounts = try Pack(made.sealed, key: made.key).accounts(for: [])
        #expect(accounts.map(\.issuer) == ["ACME"])
        await MainActor.run {
            for offered in [accounts, []] {
                let list = tree(CodesList(accounts: offered) { _ in })
                #expect(list.drawing.contains("autofill.open") && !list.drawing.contains("ACME"))
            }
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test func theSpoolIsWhatTheCoreReads() async throws {
        let spool = Spool(folder: folder)
        try spool.leave(Data("first".utf8))
        try spool.leave(Data(repeating: 1, count: Spool.mostBytes + 1))
        let own = SoftPhone(who: "spool").start()
        let found = try await own.takeSpool(folder: folder.path)
        #expect(found.map(\.bytes) == [Data("first".utf8)] && found.map(\.again) == [false])
        try await own.spoolDone(folder: folder.path, id: found[0].id)
        #expect(try await own.takeSpool(folder: folder.path).isEmpty)
        for _ in 0...Spool.most { try spool.leave(Data([1])) }
        #expect(try await own.takeSpool(folder: folder.path).count == Spool.most, "beyond it somebody fills the disk")
        try FileManager.default.removeItem(at: folder)
    }

    @Test func whatWasSharedIsReadOnceUnderItsName() throws {
        let inbox = Inbox(folder: folder)
        let items = [Inbox.Item(name: nil, bytes: Data("a link".utf8)), .init(name: "../my codes.json", bytes: Data([1, 2])), .init(name: "é.png", bytes: Data())]
        for item in items { #expect(try inbox.leave(item)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3, "a name is no path")
        let taken = try inbox.take()
        #expect(taken.count == 3 && items.allSatisfy(taken.contains))
        #expect(try inbox.take().isEmpty)
        #expect(try !inbox.leave(.init(name: nil, bytes: Data(count: Inbox.mostBytes + 1))))
        for n in 0..<Inbox.most { #expect(try inbox.leave(.init(name: "\(n)", bytes: Data()))) }
        #expect(try !inbox.leave(items[0]), "no more than \(Inbox.most) wait")
        try FileManager.default.removeItem(at: folder)
    }
}

/// What the app does with files beside its own.
@Suite struct FilesTests {
    @Test func aBackupGoesToAFolderThatWasPicked() async throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("klink-picked-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place.appendingPathComponent("folder"), withIntermediateDirectories: true)
        let folder = PickedFolder(place)
        let (own, _) = try await opened("picked")
        let done = try await own.backUp(folder: folder, keep: 10, ifDue: false, atMs: now())
        #expect(done.written)
        #expect(try folder.list().map(\.name) == [done.file.name], "folders inside are left out")
        #expect(try folder.list().map(\.bytes) == [done.file.bytes])
        #expect(throws: FolderError.AlreadyExists) { try folder.write(name: done.file.name, bytes: Data()) }
        #expect(throws: FolderError.NotFound) { try folder.read(name: "none") }
        try FileManager.default.removeItem(at: place)
        #expect(throws: FolderError.Unavailable) { try folder.read(name: done.file.name) }
    }

    @Test func theFolderIsFoundAgain() throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("klink-picked-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try PickedFolder.keep(place)
        try #require(PickedFolder.kept()).write(name: "a", bytes: Data([1]))
        #expect(try Data(contentsOf: place.appendingPathComponent("a")) == Data([1]))
        UserDefaults.standard.removeObject(forKey: "backup folder")
        #expect(PickedFolder.kept() == nil)
        try FileManager.default.removeItem(at: place)
    }

    /// What the core exports goes through the system's types and is imported again, each account.
    @Test func accountsAreHandedFromAppToApp() async throws {
        let (own, code) = try await opened("exchange")
        for name in ["ann", "bob"] {
            let session = ScanSession()
            guard case .account(let found) = session.takeText(text: "otpauth://totp/ACME:\(name)?secret=JBSWY3DPEHPK3PXP&issuer=ACME")
            else { throw Odd(text: "no account") }
            _ = try await own.addScanned(session: session, number: found.number, pin: nil, atMs: now())
        }
        try await own.confirm(key: .recoveryCode(code: code), bootMs: boot())
        guard case .file(let file) = try await own.export(order: .cxf(atMs: now()), ids: nil, bootMs: boot()).content
        else { throw Odd(text: "no file") }
        let handed = try Exchange.write(Exchange.read(file))
        let (other, _) = try await opened("exchanged")
        let preview = try await other.previewImport(
            sources: [ImportSource(name: "exchange.json", bytes: handed)], secrets: ImportSecrets(password: nil, keyFile: nil), consented: false)
        #expect(preview.format() == .cxf && preview.counts().total == 2)
        #expect(try await preview.commit(atMs: now()).counts.imported == 2)
        #expect(try other.accounts().map(\.accountName).sorted() == ["ann", "bob"])
        #expect(throws: (any Error).self) { try Exchange.read(Data("{}".utf8)) }
    }
}
