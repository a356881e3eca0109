import Foundation
import KlinkCore
import KlinkModels
import KlinkViews
import Testing

/// The whole journey through the models alone, with the real library and the real reference service, in both languages.
@MainActor @Suite(.serialized) struct JourneyTests {
    @Test(.timeLimit(.minutes(6)), arguments: Language.allCases) func journey(_ language: Language) async throws {
        try await Language.$forced.withValue(language) {
            let hand = try Hand(who: "ios-\(language.rawValue)")
            let code = try await starts(hand)
            hand.takeUp()
            try await enrols(hand, language)
            try await approves(hand, language)
            try await testsFromThePhone(hand)
            try await addsPersonalAccounts(hand)
            try await keepsAccounts(hand, code)
            try await backsUp(hand, code)
            try await deniesWhileLocked(hand, language)
            try await remembers(hand, language)
            try await typesAKey(hand)
            try await takesAFile(hand)
            try await exportsAndTakesAgain(hand, code)
            try await moves(hand, code, language)
            try await turnsTheLockOff(hand, code)
            try await isWoken(hand)
            await hand.putDown()
            try? FileManager.default.removeItem(at: hand.soft.folder)
        }
    }

    func starts(_ hand: Hand) async throws -> String {
        hand.says("a first start asks for a way in that is no hardware, and takes none that was not typed back")
        hand.app.started()
        let first = try hand.found(hand.first)
        first.recoveryCodeButtonTapped()
        let code = try hand.found(first.recoveryCode)
        code.writtenDownButtonTapped()
        code.typed = "abc"
        await code.typedBackButtonTapped()
        #expect(code.phase == .failed(Sentence("error.recovery_code.length", .count(3))))
        #expect(try hand.core.status() == .noVault)
        hand.says("then biometrics, then the self-check, and the list is empty")
        code.typed = code.code.lowercased()
        await code.typedBackButtonTapped()
        #expect(first.phase == .biometrics)
        await first.biometricsButtonTapped()
        #expect(first.phase == .selfCheck)
        let lines = try hand.found(first.selfCheck).lines
        #expect(lines.first { $0.id == "check.vault" }?.verdict == .good)
        #expect(lines.first { $0.id == "check.clock" }?.verdict == .unknown)
        first.closeButtonTapped()
        let accounts = try hand.found(hand.accounts)
        accounts.reload()
        #expect(accounts.phase == .empty)
        return code.code
    }

    func enrols(_ hand: Hand, _ language: Language) async throws {
        hand.says("the work account's code shows the host first, then the organisation")
        hand.app.addButtonTapped()
        try hand.found(hand.add).scanButtonTapped()
        await (try hand.found(hand.scan)).textPasted(try hand.stage.does("offer"))
        let enrol = try hand.found(hand.enrol)
        guard case .host(let offer) = enrol.phase else { throw Odd(text: "no host: \(enrol.phase)") }
        #expect(offer.host.hasPrefix("127.0.0.1:"))
        await enrol.connectButtonTapped()
        guard case .asked(let checked) = enrol.phase else { throw Odd(text: "not asked: \(enrol.phase)") }
        #expect(checked.service == "Example Organisation" && checked.accountName == hand.who)
        hand.says("both screens show the same number")
        await enrol.confirmButtonTapped()
        guard case .checkNumber(let enrolled) = enrol.phase else { throw Odd(text: "no number: \(enrol.phase)") }
        #expect(try enrolled.checkNumber == hand.stage.does("check-number"))
        try hand.stage.does("confirm")
        enrol.sameButtonTapped()
        hand.says("a test comes to the screen that waits for it, and its approval finishes the set-up")
        let number = try hand.stage.does("test")
        let test = try await hand.waits(for: "the test") { enrol.test }
        #expect(hand.app.request == nil)
        #expect(say(test.question).contains("Example Organisation"))
        #expect(say(test.question) != test.question.key, "the question has words")
        test.number = number
        await test.approveButtonTapped()
        #expect(test.phase == .done(.approved))
        #expect(say(message(for: Outcome.approved)) == (language == .en ? "Approved" : "Goedgekeurd"))
        test.closeButtonTapped()
        #expect(enrol.phase == .done)
        enrol.closeButtonTapped()
        hand.says("the account for codes came with it")
        let accounts = try hand.found(hand.accounts)
        accounts.reload()
        #expect(accounts.rows.count == 1 && accounts.rows[0].code?.count == 6)
    }

    func approves(_ hand: Hand, _ language: Language) async throws {
        hand.says("a sign-in lies over everything, says who asks, and takes the number alone")
        let number = try hand.stage.does("ask")
        let request = try await hand.waits(for: "the request") { hand.app.request }
        #expect(request.challenge.act == .login && !request.canApprove)
        await request.approveButtonTapped()
        #expect(request.phase == .asking)
        request.number = number
        await request.approveButtonTapped()
        #expect(request.phase == .done(.approved))
        #expect(try hand.stage.does("state") == "Approved")
        request.closeButtonTapped()
        #expect(hand.app.request == nil)
    }

    func testsFromThePhone(_ hand: Hand) async throws {
        hand.says("a test that the phone asked for comes like any other, with the number it was told")
        hand.app.placeTapped(.work)
        let work = try hand.found(hand.work)
        await work.appeared()
        work.enrolmentTapped(try hand.found(work.enrolments.first).id)
        let account = try hand.found(hand.workAccount)
        #expect(account.enrolment.state == .active)
        await account.testButtonTapped()
        guard case .testing(let test) = account.phase else { throw Odd(text: "no test: \(account.phase)") }
        let request = try await hand.waits(for: "the test") { hand.app.request }
        request.number = test.number
        await request.approveButtonTapped()
        #expect(request.phase == .done(.approved))
        request.closeButtonTapped()
        hand.app.destination = nil
    }

    func addsPersonalAccounts(_ hand: Hand) async throws {
        hand.says("a photo of a code brings an account, and again it brings none")
        for status in [AddedStatus.new, .alreadyThere] {
            hand.app.scanButtonTapped()
            let scan = try hand.found(hand.scan)
            await scan.picturePicked(try Stage.bytes("picture"))
            await scan.addButtonTapped()
            guard case .added(let added) = scan.phase else { throw Odd(text: "not added: \(scan.phase)") }
            #expect(added.status == status)
            scan.closeButtonTapped()
        }
        hand.says("an export in two parts is shown before it is taken")
        hand.app.scanButtonTapped()
        let scan = try hand.found(hand.scan)
        for part in ["2", "1"] {
            await scan.textPasted(String(decoding: try Stage.bytes("export/\(part)"), as: UTF8.self))
        }
        let importing = try hand.found(hand.importing)
        #expect(importing.rows.count == 12 && importing.ticked == 11)
        importing.rowTapped(try hand.found(importing.rows.first { $0.ticked }).number)
        #expect(importing.ticked == 10)
        await importing.importButtonTapped()
        guard case .done = importing.phase else { throw Odd(text: "not imported: \(importing.phase)") }
        importing.closeButtonTapped()
        let accounts = try hand.found(hand.accounts)
        accounts.reload()
        #expect(accounts.rows.count == 12)
    }

    func keepsAccounts(_ hand: Hand, _ code: String) async throws {
        let accounts = try hand.found(hand.accounts)
        hand.says("search narrows the list, and a tap copies")
        accounts.query = "acme"
        #expect(accounts.rows.count == 1 && accounts.rows[0].code?.count == 8)
        let id = accounts.rows[0].id
        await accounts.codeTapped(id)
        #expect(accounts.copied?.id == id)
        accounts.query = ""
        hand.says("a secret is shown only to who confirms")
        accounts.accountTapped(id)
        let account = try hand.found(hand.account)
        await account.reveal()
        #expect(account.phase == .failed(Sentence("error.vault.not_confirmed")))
        await account.revealButtonTapped()
        try await hand.confirms(account.unlocking, code)
        let revealed = try await hand.waits(for: "the secret") { if case .revealed(let revealed) = account.phase { revealed } else { nil } }
        #expect(revealed.secret.hasPrefix("GEZDGNBV"))
        account.hideButtonTapped()
        hand.says("a name, a group and the trash")
        account.accountName = "ann"
        await account.saveButtonTapped()
        #expect(account.account.accountName == "ann")
        hand.app.placeTapped(.groups)
        let groups = try hand.found(hand.groups)
        groups.newButtonTapped()
        groups.name = "Home"
        await groups.saveButtonTapped()
        let group = try hand.found(groups.groups.first).id
        await account.groupTapped(group)
        accounts.group = group
        #expect(accounts.rows.map(\.id) == [id])
        accounts.group = nil
        await accounts.deleteButtonTapped(id)
        #expect(accounts.rows.count == 11)
        hand.app.placeTapped(.trash)
        let trash = try hand.found(hand.trash)
        trash.appeared()
        await trash.restoreButtonTapped(id)
        #expect(trash.phase == .empty)
        accounts.reload()
        #expect(accounts.rows.count == 12)
    }

    func backsUp(_ hand: Hand, _ code: String) async throws {
        hand.says("a sealed backup is written, and holds what the vault holds")
        hand.app.placeTapped(.backup)
        let backup = try hand.found(hand.backup)
        await backup.backUpButtonTapped()
        guard case .written(let copy) = backup.phase else { throw Odd(text: "no backup: \(backup.phase)") }
        #expect(copy.says?.accounts == 12)
        await backup.fileOpened(copy.path)
        guard case .compared(let found) = backup.phase else { throw Odd(text: "not compared: \(backup.phase)") }
        #expect(found.rows.allSatisfy { $0.status == .same } && found.onlyHere == 0 && !backup.canMerge)
        hand.says("it is tested with the recovery code, and a wrong one opens nothing")
        await backup.testButtonTapped()
        try await hand.confirms(backup.unlocking, code)
        let test = try await hand.waits(for: "the test") { if case .tested(let test) = backup.phase { test } else { nil } }
        #expect(test.accounts == 12 && test.damaged.isEmpty && test.openedBy.kind == .recoveryCode)
        await backup.testButtonTapped()
        try await hand.confirms(backup.unlocking, try hand.core.makeRecoveryCode())
        let wrong = BackupModel.Phase.failed(Sentence("error.vault.wrong_key"))
        #expect(try await hand.waits(for: "the refusal") { backup.phase == wrong ? true : nil })
        backup.closeButtonTapped()
    }

    func deniesWhileLocked(_ hand: Hand, _ language: Language) async throws {
        hand.says("locked, the list is gone, and a sign-in can be denied and not approved")
        hand.app.lockButtonTapped()
        let unlock = try hand.found(hand.unlock)
        let number = try hand.stage.does("ask")
        let request = try await hand.waits(for: "the request") { hand.app.request }
        #expect(request.challenge.service == nil, "names are sealed")
        request.number = number
        await request.approveButtonTapped()
        #expect(request.phase == .failed(Sentence("error.vault.locked")))
        await request.denyButtonTapped()
        #expect(request.phase == .done(.denied))
        #expect(try hand.stage.does("state") == "Denied")
        request.closeButtonTapped()
        hand.says("a slip of the pen and a wrong code are told apart, and a finger opens")
        unlock.field = .recoveryCode
        unlock.recoveryCode = "abc"
        await unlock.submitButtonTapped()
        guard case .failed(let slip) = unlock.phase else { throw Odd(text: "opened") }
        #expect(say(slip) != slip.key && say(slip).contains("3"))
        unlock.recoveryCode = try hand.core.makeRecoveryCode()
        await unlock.submitButtonTapped()
        #expect(unlock.phase == .failed(Sentence("error.vault.wrong_key")))
        await unlock.deviceButtonTapped()
        let accounts = try hand.found(hand.accounts)
        accounts.reload()
        #expect(accounts.rows.count == 12)
    }

    func remembers(_ hand: Hand, _ language: Language) async throws {
        hand.says("the history has every answer, the newest first, in the words of the language")
        hand.app.placeTapped(.history)
        let history = try hand.found(hand.history)
        await history.appeared()
        #expect(history.rows.map(\.answer.outcome) == [.denied, .approved, .approved, .approved])
        #expect(history.rows.allSatisfy { say($0.outcome) != $0.outcome.key })
    }
}
