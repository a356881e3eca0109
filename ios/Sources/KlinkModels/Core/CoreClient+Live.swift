import Foundation
import KlinkCore

extension CoreClient {
    /// The library itself, with this phone's clocks.
    public static func live(_ own: Authenticator, clock: Clock) -> Self {
        let at = clock.nowMs, boot = clock.bootMs
        return Self(
            status: { try own.status() },
            create: { _ = try await own.create(new: $0, atMs: at()) },
            unlock: { try await own.unlock(key: $0, atMs: at(), bootMs: boot()) },
            unlockWithLockOff: { try await own.unlockWithLockOff(atMs: at()) },
            lock: { own.lock() },
            watch: { try own.watch(limits: $0, bootMs: boot()) },
            report: { try own.report(event: $0, bootMs: boot()) },
            nextSteps: { try await own.nextSteps() },
            accept: { try await own.accept() },
            archivePrevious: { try await own.archivePrevious() },
            verify: { try await own.verify() },
            selfCheck: { try await own.selfCheck(facts: $0, atMs: at()) },
            confirm: { try await own.confirm(key: $0, bootMs: boot()) },
            checkWayIn: { try await own.checkWayIn(key: $0, atMs: at(), bootMs: boot()) },
            duties: { try await own.duties(atMs: at()) },
            waysIn: { try await own.waysIn() },
            changePassphrase: { try await own.changePassphrase(key: $0, passphrase: $1, atMs: at()) },
            renewDeviceWayIn: { try await own.renewDeviceWayIn(key: $0, atMs: at()) },
            renewRecoveryCode: { try await own.renewRecoveryCode(key: $0, code: $1, atMs: at()) },
            removeWayIn: { try await own.removeWayIn(key: $0, id: $1, atMs: at()) },
            turnLockOff: { try await own.turnLockOff(key: $0, atMs: at()) },
            turnLockOn: { try await own.turnLockOn(key: $0, atMs: at()) },
            makeRecoveryCode: { try KlinkCore.makeRecoveryCode() },
            strength: { passphraseStrength(passphrase: $0, known: []) },
            accounts: { try own.accounts() },
            account: { try own.account(id: $0) },
            search: { try own.search(query: $0, order: $1) },
            trash: { try own.trash() },
            codes: { try own.codes(atMs: at(), offsetMs: $1, ids: $0) },
            nextCode: { try await own.nextCode(id: $0, atMs: at()) },
            used: { try await own.used(id: $0, atMs: at()) },
            change: { try await own.change(id: $0, change: $1, atMs: at()) },
            delete: { try await own.delete(id: $0, atMs: at()) },
            restore: { try await own.restore(id: $0) },
            purgeExpired: { try await own.purgeExpired(atMs: at()) },
            setOrder: { try await own.setOrder(ids: $0) },
            showCode: { try await own.showCode(id: $0, atMs: at(), offsetMs: $1, bootMs: boot()) },
            reveal: { try await own.reveal(id: $0, bootMs: boot()) },
            changes: { own.changeStream() },
            groups: { try own.groups() },
            addGroup: { try await own.addGroup(name: $0) },
            renameGroup: { try await own.renameGroup(id: $0, name: $1) },
            deleteGroup: { try await own.deleteGroup(id: $0) },
            scanner: { .live(own, ScanSession(), clock: clock) },
            previewImport: { .live(try await own.previewImport(sources: $0, secrets: $1, consented: $2), clock: clock) },
            exportFormats: { KlinkCore.exportFormats() },
            exportReport: { try await own.exportReport(format: $0, ids: nil) },
            export: { try await own.export(order: $0, ids: nil, bootMs: boot()) },
            isSending: { try await own.isSending() },
            sending: { try await own.sending(bootMs: boot()) },
            sendAccounts: { try await own.sendAccounts(way: $0, bootMs: boot()) },
            handedOver: { try await own.handedOver(typed: $0) },
            stopSending: { try await own.stopSending() },
            incoming: { try await own.incoming() },
            takeMoveCode: { try await own.takeMoveCode(text: $0) },
            takeMoveFile: { try await own.takeMoveFile(bytes: $0) },
            compareMove: { try await own.compareMove() },
            receiveAccounts: { try await own.receiveAccounts(only: nil, atMs: at()) },
            stopReceiving: { try await own.stopReceiving() },
            packKey: { try await own.packKey() },
            writePack: { try await own.writePack(path: $0, plan: $1, atMs: at()) },
            takeSpool: { try await own.takeSpool(folder: $0) },
            spoolDone: { try await own.spoolDone(folder: $0, id: $1) },
            backupState: { try await own.backupState(atMs: at()) },
            backUp: { try await own.backUp(folder: $0, keep: 10, ifDue: $1, atMs: at()) },
            snapshots: { try await own.snapshots() },
            writeBackup: { try await own.writeBackup(path: $0, atMs: at()) },
            testBackup: { try await own.testBackup(path: $0, key: $1) },
            compare: { try await own.compare(path: $0, key: $1) },
            merge: { try await own.merge(path: $0, key: $1, ids: $2, atMs: at()) },
            restoreBackup: { try await own.restoreBackup(path: $0, key: $1, atMs: at()) },
            salvagePreview: { try await own.salvagePreview(key: $0, atMs: at()) },
            commitSalvage: { try await own.commitSalvage(leaveOut: $0, key: $1, atMs: at()) },
            offer: { try own.offer(text: $0) },
            offerByCode: { try await own.offerByCode(host: $0, code: $1) },
            checkOffer: { try await own.checkOffer(offerId: $0) },
            enrol: { try await own.enrol(offerId: $0, phone: $1) },
            resumeEnrolment: { try await own.resumeEnrolment(id: $0) },
            enrolments: { try await own.enrolments() },
            challenges: { own.challengeStream() },
            look: { try await own.refreshChallenges() },
            answer: { try await own.answer(challengeId: $0, decision: $1) },
            testPush: { try await own.testPush(id: $0) },
            pushHistory: { try await own.pushHistory() },
            renameEnrolment: { try await own.renameEnrolment(id: $0, name: $1) },
            removeEnrolment: { try await own.removeEnrolment(id: $0) },
            unenrol: { try await own.unenrol(id: $0) },
            rotateKey: { try await own.rotateKey(id: $0, which: $1) },
            mute: { try await own.mute(id: $0, untilMs: $1) },
            wakeUp: { try await own.wakeUp(sealed: $0) },
            changePushEndpoint: { try await own.changePushEndpoint(id: $0, endpoint: $1) },
            pushKey: { try await own.pushKey(id: $0) },
            subscribe: { try await own.subscribe(relay: $0, vendor: .apns, token: $1, pushKey: $2) })
    }
}

extension Scanner {
    static func live(_ own: Authenticator, _ session: ScanSession, clock: Clock) -> Self {
        Self(
            takeFrame: { try session.takeFrame(luma: $0, width: $1, height: $2, stride: $3) },
            takePicture: { try await session.takePicture(bytes: $0) },
            takeText: { session.takeText(text: $0) },
            takeKey: { try session.takeKey(key: $0) },
            add: { try await own.addScanned(session: session, number: $0, pin: $1, atMs: clock.nowMs()) },
            preview: { .live(try await own.previewScanned(session: session), clock: clock) })
    }
}

extension Preview {
    static func live(_ preview: ImportPreview, clock: Clock) -> Self {
        Self(
            rows: { preview.rows() },
            problems: { preview.problems() },
            missingParts: { preview.missingParts() },
            setTicked: { preview.setTicked(number: $0, ticked: $1) },
            setPin: { preview.setPin(number: $0, pin: $1) },
            commit: { try await preview.commit(atMs: clock.nowMs()) })
    }
}
