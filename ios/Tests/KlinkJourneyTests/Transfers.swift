import Foundation
import KlinkCore
import KlinkModels
import KlinkViews
import Testing

/// Acts of the journey about accounts that come and go: typed, from files, into files, to another phone.
extension JourneyTests {
    func typesAKey(_ hand: Hand) async throws {
        hand.says("a typed key that has a slip says where, and is shown before it is added")
        hand.app.addButtonTapped()
        let add = try hand.found(hand.add)
        add.keyButtonTapped()
        (add.issuer, add.accountName, add.secret) = ("Typed Bank", "ann", "JB1W")
        await add.keyNextButtonTapped()
        let problem = try hand.found(add.problem)
        #expect(problem == Sentence("error.key.character", .text("3")) && say(problem).contains("3"))
        add.secret = "jbsw y3dp-ehpk 3pxp"
        await add.keyNextButtonTapped()
        let scan = try hand.found(hand.scan)
        guard case .account(let account) = scan.phase else { throw Odd(text: "not shown: \(scan.phase)") }
        #expect(account.issuer == "Typed Bank" && account.digits == 6)
        await scan.addButtonTapped()
        guard case .added(let added) = scan.phase else { throw Odd(text: "not added: \(scan.phase)") }
        #expect(added.status == .new)
        scan.closeButtonTapped()
        let accounts = try hand.found(hand.accounts)
        accounts.reload()
        #expect(accounts.rows.count == 13 && accounts.rows.first { $0.account.issuer == "Typed Bank" }?.code?.count == 6)
    }

    func takesAFile(_ hand: Hand) async throws {
        hand.says("another app's sealed file asks for its password, and says what is in it and what is wrong")
        let before = try hand.core.accounts().count + hand.core.trash().count
        hand.app.placeTapped(.importing)
        let importing = try hand.found(hand.importing)
        await importing.filesChosen([ImportSource(name: "note.txt", bytes: Data("hello".utf8))])
        #expect(importing.phase == .failed(Sentence("error.import.nothing_found")))
        importing.cancelButtonTapped()
        await importing.filesChosen([ImportSource(name: "backup.json", bytes: try Stage.bytes("file/aegis,%20sealed"))])
        #expect(importing.phase == .locked(Sentence("error.import.needs_password")))
        importing.password = "wrong"
        await importing.passwordButtonTapped()
        #expect(importing.phase == .locked(Sentence("error.import.wrong_password")))
        importing.password = "test"
        await importing.passwordButtonTapped()
        #expect(importing.phase == .preview && importing.problems.count == 2)
        for problem in importing.problems { #expect(say(message(for: problem)) != message(for: problem).key) }
        hand.says("a row that is not ticked stays out, and every entry is counted")
        importing.rowTapped(try hand.found(importing.rows.first { $0.ticked && !$0.trashed }).number)
        let ticked = importing.ticked
        await importing.importButtonTapped()
        guard case .done(let counts) = importing.phase else { throw Odd(text: "not imported: \(importing.phase)") }
        #expect(counts.imported == Int64(ticked) && counts.skipped == 1)
        #expect(counts.total == counts.imported + counts.duplicates + counts.unsupported + counts.damaged + counts.skipped)
        #expect(try hand.core.accounts().count + hand.core.trash().count == before + ticked)
        importing.closeButtonTapped()
    }

    func exportsAndTakesAgain(_ hand: Hand, _ code: String) async throws {
        hand.app.placeTapped(.export)
        let formats = try hand.found(hand.export).formats
        let all = try hand.core.accounts().count
        for format in formats where format.format == .uriList || !format.plain {
            hand.says("an export says what goes along, asks for its owner, and holds it: \(format.plain ? "plain" : "sealed")")
            hand.app.placeTapped(.export)
            let export = try hand.found(hand.export)
            await export.formatChosen(format)
            guard case .report(_, let report) = export.phase else { throw Odd(text: "no report: \(export.phase)") }
            #expect(report.written.count + report.leftOut.count == all && !report.written.isEmpty)
            (export.password, export.passwordAgain) = ("walnut harbour quilt", "walnut harbour quilt")
            await export.exportButtonTapped(SheetWords(language: "en", title: "t", warning: "w", nameless: "n"))
            try await hand.confirms(export.unlocking, code)
            let path = try await hand.waits(for: "the file") { if case .written(let path, _) = export.phase { path } else { nil } }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            export.exporterClosed(true)
            #expect(export.phase == .done(report.written.count) && !FileManager.default.fileExists(atPath: path))
            hand.says("and read again it has nothing that is not here already")
            hand.app.placeTapped(.importing)
            let importing = try hand.found(hand.importing)
            await importing.filesChosen([ImportSource(name: "again", bytes: bytes)])
            if !format.plain {
                #expect(importing.phase == .locked(Sentence("error.import.needs_password")))
                importing.password = "walnut harbour quilt"
                await importing.passwordButtonTapped()
            }
            #expect(importing.phase == .preview && importing.rows.count == report.written.count)
            // A list of links spells some names a little differently, and says so; the keys are the same.
            let spelt = Int(report.lost.first { $0.what == .spelling }?.accounts ?? 0)
            #expect(importing.rows.filter { !importing.isDuplicate($0) }.count <= spelt)
            #expect(!importing.rows.contains { $0.status == .new })
            importing.closeButtonTapped()
        }
    }

    func moves(_ hand: Hand, _ code: String, _ language: Language) async throws {
        let new = try Hand(who: "\(hand.who)-new")
        _ = try await starts(new)
        let all = try hand.core.accounts().count
        hand.says("the old phone shows codes to who confirms")
        hand.app.placeTapped(.move)
        let old = try hand.found(hand.move)
        await old.appeared()
        await old.sendButtonTapped(.codes)
        try await hand.confirms(old.unlocking, code)
        let outgoing = try await hand.waits(for: "the codes") { if case .sending(let outgoing) = old.phase { outgoing } else { nil } }
        #expect(outgoing.accounts == Int64(all) && outgoing.codes.count > 1)
        new.says("the new phone takes them in any order, by its scanner too, and names those that are missing")
        new.app.scanButtonTapped()
        let last = outgoing.codes.count - 1
        await (try new.found(new.scan)).textPasted(outgoing.codes[last])
        let move = try await new.waits(for: "the move") { new.move }
        let missing = try await new.waits(for: "the first code") {
            if case .receiving(let incoming) = move.phase, incoming.taken == 1 { incoming.missing } else { nil }
        }
        #expect(missing == (1...Int32(last)).map { $0 })
        for text in outgoing.codes.dropLast() { await move.textPasted(text) }
        guard case .compared(let found) = move.phase else { throw Odd(text: "not compared: \(move.phase)") }
        #expect(found.rows.count == all && found.rows.allSatisfy { $0.status == .missing })
        await move.takeOverButtonTapped()
        guard case .received(let received) = move.phase else { throw Odd(text: "not taken over: \(move.phase)") }
        #expect(received.arrived == Int64(all) && received.of == Int64(all) && received.renew.map(\.service) == ["Example Organisation"])
        hand.says("six digits close it: wrong ones are told, right ones say that all arrived")
        old.receipt = received.receipt == "000000" ? "000001" : "000000"
        await old.receiptButtonTapped()
        #expect(try say(hand.found(old.problem)).contains(language == .en ? "digits" : "cijfers") && old.phase == .sending(outgoing))
        old.receipt = received.receipt
        await old.receiptButtonTapped()
        #expect(old.phase == .handed(Handed(arrived: Int64(all), of: Int64(all))))
        old.closeButtonTapped()
        await move.doneButtonTapped()
        #expect(new.app.destination == nil)
        let accounts = try new.found(new.accounts)
        accounts.reload()
        #expect(accounts.rows.count == all)
        let names = { (hand: Hand) in try hand.core.accounts().map { "\($0.issuer) \($0.accountName)" }.sorted() }
        #expect(try names(new) == names(hand))
        try? FileManager.default.removeItem(at: new.soft.folder)
    }

    func turnsTheLockOff(_ hand: Hand, _ code: String) async throws {
        hand.says("without a lock the vault opens by itself, and a confirmation still takes a person")
        hand.app.placeTapped(.settings)
        let settings = try hand.found(hand.settingsScreen)
        await settings.appeared()
        settings.lockOffButtonTapped()
        await settings.lockOffConfirmed()
        try await hand.confirms(settings.unlocking, code)
        _ = try await hand.waits(for: "the notice") { settings.notice }
        #expect(settings.isLockOff)
        hand.app.lockButtonTapped()
        _ = try await hand.waits(for: "the list") { hand.accounts }
        let account = AccountModel(account: try hand.core.accounts()[0], core: hand.core, phone: hand.phone)
        await account.reveal()
        #expect(account.phase == .failed(Sentence("error.vault.not_confirmed")))
        hand.says("codes for the widget are written while it is open, and none of an account that asks every time")
        settings.widgetAccountTapped(account.account.id)
        #expect(await hand.app.upkeep().packed?.ids == [account.account.id])
        #expect(FileManager.default.fileExists(atPath: try hand.found(hand.phone.packFile("widget"))))
        await account.askSwitched(true)
        #expect(account.account.asksEveryTime && account.phase == .shown)
        #expect(await hand.app.upkeep().packed?.leftOut == [account.account.id])
        hand.says("locked again, it asks again")
        await settings.lockOnButtonTapped()
        try await hand.confirms(settings.unlocking, code)
        _ = try await hand.waits(for: "the lock") { settings.isLockOff ? nil : true }
        hand.app.lockButtonTapped()
        await (try hand.found(hand.unlock)).deviceButtonTapped()
        #expect(hand.accounts != nil)
    }

    func isWoken(_ hand: Hand) async throws {
        hand.says("what the notification extension left leads to the request, and is taken once")
        await hand.putDown()
        _ = try hand.stage.does("ask")
        let spool = URL(fileURLWithPath: try hand.found(hand.phone.spoolFolder()))
        try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
        try Data("sealed".utf8).write(to: spool.appendingPathComponent("00112233445566778899aabbccddeeff.msg"))
        #expect(hand.app.request == nil)
        hand.app.cameToForeground()
        let request = try await hand.waits(for: "the request") { hand.app.request }
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path).filter { $0.contains("0011") }.isEmpty)
        await request.denyButtonTapped()
        #expect(request.phase == .done(.denied))
        request.closeButtonTapped()
    }
}
