package app.klink.core

import java.io.File
import java.nio.ByteBuffer

/** What the hammered calls are about. */
internal class HammerWorld(
    val own: Authenticator,
    val key: UnlockKey,
    val code: String,
    val session: ScanSession,
    val id: String,
    val counting: String,
    val enrolment: String,
    val folder: File,
) {
    val typed get() = TypedBack(code, code)
    val copy = folder.resolve("copy.akb").path
    val backups = folder.resolve("backups").path
    val picked = PickedFolder()
    val file = listOf(ImportSource("list.txt", "otpauth://totp/b?secret=JBSWY3DPEHPK3PXP".toByteArray()))
    val frame: ByteBuffer = ByteBuffer.allocateDirect(64 * 64)

    /** A preview that was made while the vault was open; made again each time, since a lock empties it. */
    suspend fun preview(look: suspend (ImportPreview) -> Unit) = own.previewImport(file, ImportSecrets(), false).use { look(it) }

    companion object {
        /** Makes a vault with an account that follows the time, one that counts, and an enrolment that works. */
        suspend fun make(phone: SoftPhone): HammerWorld {
            val (own, stage, session) = Triple(phone.start(), Stage("hammer"), ScanSession())
            val code = makeRecoveryCode()
            session.takeText("otpauth://totp/ACME:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
            session.takeText("otpauth://hotp/ACME:bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
            session.takeText(String(stage.brings("export/1")))
            own.create(NewVault(recoveryCode = TypedBack(code, code)), now())
            val id = own.addScanned(session, 0, null, now()).id
            val counting = own.addScanned(session, 1, null, now()).id
            val offer = own.offer(stage.does("offer"))
            own.checkOffer(offer.id)
            val enrolled = own.enrol(offer.id, PhoneInfo("a phone to hammer on", "linux", "hammer 1", null))
            stage.does("confirm")
            val number = stage.does("test")
            val test = own.refreshChallenges().open.first()
            own.answer(test.id, Decision.Approve(number))
            val key = UnlockKey.RecoveryCode(code)
            val world = HammerWorld(own, key, code, session, id, counting, enrolled.id, phone.folder)
            own.writeBackup(world.copy, now())
            return world
        }
    }
}

/** Everything but what would end the rest: all exported calls are here or in [hammeredLast]. */
internal fun hammered(w: HammerWorld): List<HammerCall> = with(w) {
    val calls = mutableListOf<HammerCall>()
    fun call(name: String, may: (Exception) -> Boolean = { false }, call: suspend () -> Unit) =
        calls.add(HammerCall(name, { may(it) || it.isSuspended() }, call))
    fun own(name: String, may: (Exception) -> Boolean = { false }, call: suspend () -> Unit) =
        call("Authenticator.$name", may, call)

    // Lists and accounts.
    own("accounts") { own.accounts() }
    own("account") { own.account(id) }
    own("trash") { own.trash() }
    own("search") { own.search("acme") }
    own("searchTrash") { own.searchTrash("acme") }
    own("groups") { own.groups() }
    own("mode") { own.mode() }
    own("codes") { own.codes(now(), 0, listOf(id)) }
    own("addScanned") { own.addScanned(session, 0, null, now()) }
    own("change") { own.change(id, AccountChange(note = "a note"), now()) }
    own("delete") { own.delete(counting, now()) }
    own("restore") { own.restore(counting) }
    own("purgeExpired") { own.purgeExpired(now()) }
    own("setOrder") { own.setOrder(listOf(id)) }
    own("addGroup") { own.deleteGroup(own.addGroup("A group")) }
    own("deleteGroup", { it.noGroup() }) { own.deleteGroup(NONE) }
    own("renameGroup", { it.noGroup() }) { own.renameGroup(NONE, "Another") }
    own("nextCode") { own.nextCode(counting, now()) }
    own("lastCode") { own.lastCode(counting, now()) }
    own("counter") { own.counter(counting) }
    own("used") { own.used(id, now()) }
    own("showCode", { it.unconfirmed() }) { own.showCode(id, now(), 0, boot()) }
    own("reveal", { it.unconfirmed() }) { own.reveal(id, boot()) }
    own("verify") { own.verify() }
    // The vault.
    own("status") { own.status() }
    own("lock") { own.lock() }
    own("watch") { own.watch(LockLimits(60_000, null, false), boot()) }
    own("report") { own.report(LockEvent.USED, boot()) }
    own("lockIfDue") { own.lockIfDue(boot()) }
    own("locksAtBootMs") { own.locksAtBootMs() }
    own("create", { it.isState<StateTrouble.VaultExists>() }) { own.create(NewVault(recoveryCode = typed), now()) }
    own("unlock", { it.isState<StateTrouble.AlreadyUnlocked>() }) { own.unlock(key, now(), boot()) }
    own("unlockWithLockOff", { it.isState<StateTrouble.AlreadyUnlocked>() || it.noWayIn() }) { own.unlockWithLockOff(now()) }
    own("suspend") { own.suspend() }
    own("resume") { own.resume() }
    own("accept") { own.accept() }
    own("archivePrevious") { own.archivePrevious() }
    own("nextSteps") { own.nextSteps() }
    own("confirm", { it.changedMeanwhile() }) { own.confirm(key, boot()) }
    // Ways in.
    own("waysIn") { own.waysIn() }
    own("duties") { own.duties(now()) }
    own("checkWayIn", { it.changedMeanwhile() }) { own.checkWayIn(key, now(), boot()) }
    own("changePassphrase", { it.changedMeanwhile() }) { own.changePassphrase(key, "a passphrase".toByteArray(), now()) }
    own("renewRecoveryCode", { it.changedMeanwhile() }) { own.renewRecoveryCode(key, typed, now()) }
    own("renewDeviceWayIn", { it.changedMeanwhile() }) { own.renewDeviceWayIn(key, now()) }
    own("removeWayIn", { it.noWayIn() || it.changedMeanwhile() }) { own.removeWayIn(key, NONE, now()) }
    own("turnLockOff", { it.changedMeanwhile() }) { own.turnLockOff(key, now()) }
    own("turnLockOn", { it.noWayIn() || it.changedMeanwhile() }) { own.turnLockOn(key, now()) }
    own("rotateDataKey", { it.changedMeanwhile() }) { own.rotateDataKey(key, now()) }
    // Copies and backups.
    own("snapshots") { own.snapshots() }
    own("snapshot") { own.snapshot(now()) }
    own("dropSnapshot", { it is VaultException.Storage && it.why is StorageTrouble.NotReadable }) { own.dropSnapshot(99_999) }
    own("writeBackup") { own.writeBackup(folder.resolve("again.akb").path, now()) }
    own("compare") { own.compare(copy, key) }
    own("merge") { own.merge(copy, key, emptyList(), now()) }
    own("testBackup") { own.testBackup(copy, key) }
    own("restoreBackup", { it.isState<StateTrouble.AlreadyUnlocked>() || it.isState<StateTrouble.VaultExists>() }) {
        own.restoreBackup(copy, key, now())
    }
    own("backUp") { own.backUp(picked, 3, true, now()) }
    own("backUpToPath") { own.backUpToPath(backups, 3, false, now()) }
    own("backupState") { own.backupState(now()) }
    // Files in and out.
    own("previewImport") { preview { } }
    own("previewScanned") { own.previewScanned(session).use { } }
    own("exportReport") { own.exportReport(ExportFormat.URI_LIST, null) }
    own("export", { it.unconfirmed() }) { own.export(ExportOrder.UriList, null, boot()) }
    call("ImportPreview.rows") { preview { it.rows() } }
    call("ImportPreview.problems") { preview { it.problems() } }
    call("ImportPreview.counts") { preview { it.counts() } }
    call("ImportPreview.format") { preview { it.format() } }
    call("ImportPreview.missingParts") { preview { it.missingParts() } }
    call("ImportPreview.setTicked") { preview { it.setTicked(0, true) } }
    call("ImportPreview.setPin") { preview { it.setPin(0, "1234".toByteArray()) } }
    call("ImportPreview.commit", { it is TransferException.Used }) { preview { it.commit(now()) } }
    // A move to this phone and from it.
    own("sendAccounts", { it.unconfirmed() }) { own.sendAccounts(MoveWay.CODES, boot()) }
    own("sending", { it.unconfirmed() }) { own.sending(boot()) }
    own("isSending") { own.isSending() }
    own("handedOver") { own.handedOver("123456") }
    own("stopSending") { own.stopSending() }
    own("incoming") { own.incoming() }
    own("takeMoveCode", { it is TransferException.Move }) { own.takeMoveCode("no code") }
    own("takeMoveFile", { it is TransferException.Move }) { own.takeMoveFile(ByteArray(9)) }
    own("compareMove", { it is TransferException.Move }) { own.compareMove() }
    own("receiveAccounts", { it is TransferException.Move }) { own.receiveAccounts(null, now()) }
    own("stopReceiving") { own.stopReceiving() }
    // Extensions and the check.
    own("packKey") { own.packKey() }
    own("writePack") { own.writePack(folder.resolve("pack").path, PackPlan(listOf(id), 60_000), now()) }
    own("takeSpool") { own.takeSpool(folder.resolve("spool").path) }
    own("spoolDone") { own.spoolDone(folder.resolve("spool").path, NONE) }
    own("selfCheck") { own.selfCheck(ShellFacts(null, null, null, null, null, false), now()) }
    // Push.
    own("offer", { it is PushException.Offer }) { own.offer("no offer") }
    own("offerByCode", { it.fromService() }) { own.offerByCode("127.0.0.1:1", "ABCDEFGHJKLM") }
    own("checkOffer", { it.isAbsent() }) { own.checkOffer("none") }
    own("enrol", { it.isAbsent() }) { own.enrol("none", PhoneInfo("x", "linux", "x", null)) }
    own("enrolments", { it.fromService() }) { own.enrolments() }
    own("toEnrolAgain", { it.fromService() }) { own.toEnrolAgain() }
    own("resumeEnrolment", { it.isAbsent() }) { own.resumeEnrolment(enrolment) }
    own("refreshChallenges", { it.fromService() }) { own.refreshChallenges() }
    own("challenges", { it.fromService() }) { own.challenges() }
    own("answer", { it.isAbsent() }) { own.answer("none", Decision.Deny(false)) }
    own("pushHistory", { it.fromService() }) { own.pushHistory() }
    own("testPush", { it.fromService() }) { own.testPush(enrolment) }
    own("wakeUp", { it.fromService() }) { own.wakeUp(ByteArray(99)) }
    own("pushKey", { it.fromService() }) { own.pushKey(enrolment) }
    own("subscribe", { it.fromService() }) { own.subscribe("https://127.0.0.1:1", PushVendor.FCM, "token", "key") }
    own("changePushEndpoint", { it.fromService() }) { own.changePushEndpoint(enrolment, null) }
    own("rotateKey", { it.fromService() }) { own.rotateKey(enrolment, WhichKey.DEVICE) }
    own("renameEnrolment", { it.fromService() }) { own.renameEnrolment(enrolment, "Another name") }
    own("mute", { it.fromService() }) { own.mute(enrolment, 0) }
    own("unenrol", { it.isAbsent() }) { own.unenrol("none") }
    own("removeEnrolment", { it.isAbsent() }) { own.removeEnrolment("none") }
    // Feeds and scans.
    own("challengeFeed") { own.challengeFeed().use { it.end() } }
    own("changeFeed") { own.changeFeed().use { it.end() } }
    call("ChallengeFeed.next", { it.fromService() }) { own.challengeFeed().use { it.next() } }
    call("ChallengeFeed.end") { own.challengeFeed().use { feed -> feed.end().also { check(feed.next() == null) } } }
    call("ChangeFeed.next") { own.changeFeed().use { feed -> own.setOrder(emptyList()).also { feed.next() } } }
    call("ChangeFeed.end") { own.changeFeed().use { feed -> feed.end().also { check(feed.next() == null) } } }
    call("ScanSession.takeText") { session.takeText("otpauth://totp/c?secret=JBSWY3DPEHPK3PXP") }
    call("ScanSession.takeKey") { session.takeKey(EnteredKey("", "", "JBSWY3DP", AccountKind.TOTP)) }
    call("ScanSession.takeFrame") { session.takeFrame(frame.duplicate(), 64, 64, 64) }
    call("ScanSession.takePicture", { it is ScanException.Format }) { session.takePicture("no".toByteArray()) }
    // What needs no vault.
    call("liveTasks") { liveTasks() }
    call("makeRecoveryCode") { makeRecoveryCode() }
    call("checkTypedBack") { checkTypedBack(typed) }
    call("passphraseStrength") { passphraseStrength("a passphrase".toByteArray(), emptyList()) }
    call("detectImport") { detectImport("x", frame.duplicate()) }
    call("exportFormats") { exportFormats() }
    call("qrCode") { qrCode("otpauth://totp/c?secret=JBSWY3DPEHPK3PXP") }
    calls
}

/** What ends something for good, or makes any call fail: a fault is rehearsed in whoever writes next. */
internal fun hammeredLast(w: HammerWorld): List<HammerCall> = with(w) {
    val anything: (Exception) -> Boolean = { it is VaultException || it is PushException || it is TransferException }
    listOf(
        HammerCall("Authenticator.rehearseFault", anything) { own.rehearseFault() },
        HammerCall("Authenticator.putPushAside", anything) { own.putPushAside() },
        HammerCall("Authenticator.replaceBy", anything) { own.replaceBy(copy, key, now()) },
        HammerCall("Authenticator.rotateAll", anything) { own.rotateAll(key, NewVault(recoveryCode = typed), now()) },
        HammerCall("Authenticator.eraseForGood", anything) {
            own.confirm(key, boot())
            own.eraseForGood(key, NewVault(recoveryCode = typed), now(), boot())
        },
        HammerCall("Authenticator.salvagePreview", anything) { own.salvagePreview(key, now()) },
        HammerCall("Authenticator.commitSalvage", anything) { own.commitSalvage(emptyList(), key, now()) },
    )
}

private const val NONE = "00000000000000000000000000000000"

private inline fun <reified S : StateTrouble> Exception.isState() = this is VaultException.WrongState && state is S

/** The hammer suspends as well. */
private fun Exception.isSuspended(): Boolean = isState<StateTrouble.Suspended>() ||
    this is TransferException.Vault && why.isState<StateTrouble.Suspended>() ||
    this is PushException.Vault && why.isState<StateTrouble.Suspended>()

private fun Exception.unconfirmed(): Boolean =
    this is VaultException.NotConfirmed || this is TransferException.Vault && why is VaultException.NotConfirmed

private fun Exception.noGroup() = this is VaultException.Account && why is AccountTrouble.NoSuchGroup

private fun Exception.noWayIn() = this is VaultException.WayIn && why == WayInTrouble.NONE

/** Two changes of ways in met: the second is refused, and nothing is lost. */
private fun Exception.changedMeanwhile() = this is VaultException.Storage && why is StorageTrouble.ChangedOutside

private fun Exception.isAbsent() = this is PushException.NotThere

/** The service has limits, and one key is put in another's place while calls are under way. */
private fun Exception.fromService() =
    this is PushException.Service || this is PushException.Network || this is PushException.NotThere
