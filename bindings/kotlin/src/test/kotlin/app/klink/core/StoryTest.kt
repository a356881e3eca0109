package app.klink.core

import java.nio.ByteBuffer
import java.time.Instant
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assertions.fail
import org.junit.jupiter.api.Test

/** One phone's story, told in Kotlin against the real library and the real reference service. */
class StoryTest {
    private val phone = SoftPhone()
    private val own = phone.start()
    private val stage = Stage("kotlin")
    private lateinit var key: UnlockKey

    @Test
    fun story() = runBlocking(Dispatchers.Default) {
        phone.use {
            creates()
            val account = scans()
            imports()
            locks(account)
            val files = StoryFiles(own, key, phone.folder)
            files.takesFiles(stage)
            SoftPhone().use { files.goesOut(it.start()) }
            files.backsUp()
            files.checks()
            val enrolment = enrols()
            answers(enrolment)
            faults()
        }
    }

    private suspend fun creates() {
        case("a vault needs a way in that is no hardware")
        val none = refused<VaultException.WayIn> { own.create(NewVault(), now()) }
        assertEquals(WayInTrouble.NEEDS_PORTABLE, none.why)
        case("a recovery code that was not typed back is no way in")
        val code = makeRecoveryCode()
        val other = TypedBack(code, makeRecoveryCode())
        val slip = refused<VaultException.RecoveryCode> { own.create(NewVault(recoveryCode = other), now()) }
        assertEquals(RecoveryCodeSlip.Differs, slip.slip)
        case("a vault is made with a passphrase and a recovery code")
        val typed = TypedBack(code, code.lowercase().replace('-', ' '))
        own.create(NewVault(PASSPHRASE.toByteArray(), typed), now())
        assertEquals(emptyList<Account>(), own.accounts())
        assertEquals(VaultMode.ReadWrite, own.mode())
        key = UnlockKey.RecoveryCode(code)
    }

    private suspend fun scans(): String = ScanSession().use { session ->
        case("a picture brings an account, and its secret stays behind")
        val found = session.takePicture(stage.brings("picture")).single()
        val account = (found.what as Scanned.Account).account
        assertEquals("ACME", account.issuer)
        assertFalse("GEZD" in found.toString())
        val added = own.addScanned(session, account.number, null, now())
        assertEquals(AddedStatus.NEW, added.status)
        case("a camera's frame with padded rows brings the same account, without a copy")
        val frame = stage.brings("frame")
        val plane = ByteBuffer.allocateDirect(frame.size).put(frame).flip() as ByteBuffer
        val seen = (session.takeLuma(plane, 640, 480, 704).single().what as Scanned.Account).account
        assertEquals(account.number, seen.number)
        assertEquals(AddedStatus.ALREADY_THERE, own.addScanned(session, seen.number, null, now()).status)
        case("a frame without the shape of one is refused, and a white one brings nothing")
        refused<ScanException.Shape> { session.takeLuma(ByteBuffer.wrap(ByteArray(5)), 640, 480, 704) }
        assertEquals(0, session.takeLuma(ByteBuffer.wrap(ByteArray(704 * 480)), 640, 480, 704).size)
        refused<ScanException.Format> { session.takePicture("no".toByteArray()) }
        case("a text that is no account is named")
        assertEquals(Scanned.Wifi, session.takeText("WIFI:S:home;T:WPA;P:secret;;"))
        case("RFC 6238's code comes at RFC 6238's time, with its window")
        val codes = own.codes(59_000, 0, listOf(added.id, "no id"))
        val row = codes.rows.single()
        assertEquals("94287082", row.code?.text)
        assertEquals(Instant.ofEpochSecond(60), row.code?.validUntil)
        assertEquals(Instant.ofEpochSecond(60), codes.nextChangeAt)
        added.id
    }

    private suspend fun imports() = ScanSession().use { session ->
        case("nothing scanned is nothing to import")
        refused<TransferException.NotRecognised> { own.previewScanned(session) }
        case("an export in two parts says what is missing")
        val last = session.takeText(String(stage.brings("export/2"))) as Scanned.Migration
        assertEquals(listOf(1), last.progress.missing)
        val first = session.takeText(String(stage.brings("export/1"))) as Scanned.Migration
        assertEquals(emptyList<Int>(), first.progress.missing)
        case("a preview says what is new and what is there, and adds nothing")
        own.previewScanned(session).use { preview ->
            val rows = preview.rows()
            assertEquals(12, rows.size)
            assertEquals(1, own.accounts().size)
            assertTrue(rows.single { !it.ticked }.status is PreviewStatus.Duplicate)
            preview.setTicked(rows.first { it.ticked }.number, false)
            case("the sum of an import holds, and it is committed once")
            assertEquals(ImportCounts(12, 10, 1, 0, 0, 1), preview.commit(now()).counts)
            assertEquals(11, own.accounts().size)
            refused<TransferException.Used> { preview.commit(now()) }
        }
        Unit
    }

    private suspend fun locks(account: String) {
        case("a secret is revealed only after a confirmation, once")
        refused<VaultException.NotConfirmed> { own.reveal(account, boot()) }
        own.confirm(key, boot())
        assertTrue(own.reveal(account, boot()).secret.startsWith("GEZDGNBV"))
        refused<VaultException.NotConfirmed> { own.reveal(account, boot()) }
        case("locked means locked")
        own.lock()
        refused<VaultException.Locked> { own.accounts() }
        refused<VaultException.Locked> { own.groups() }
        refused<VaultException.Locked> { own.codes(59_000, 0, listOf(account)) }
        case("a wrong passphrase and a slip of the pen are told apart, and the right one opens")
        refused<VaultException.WrongKey> { own.unlock(UnlockKey.Passphrase("walnut".toByteArray()), now(), boot()) }
        val slip = refused<VaultException.RecoveryCode> { own.unlock(UnlockKey.RecoveryCode("ABC"), now(), boot()) }
        assertEquals(RecoveryCodeSlip.Length(3), slip.slip)
        val opened = own.unlock(UnlockKey.Passphrase(PASSPHRASE.toByteArray()), now(), boot())
        assertEquals(VaultMode.ReadWrite, opened.mode)
        assertEquals(11, opened.report.accounts)
    }

    private suspend fun enrols(): String {
        case("an offer shows its host first, then who vouches for it, then the phone is enrolled")
        val offer = own.offer(stage.does("offer"))
        assertTrue(offer.host.startsWith("127.0.0.1:"))
        val checked = own.checkOffer(offer.id)
        assertEquals("Example Organisation" to "kotlin", checked.service to checked.accountName)
        val enrolled = own.enrol(offer.id, PHONE)
        assertEquals(stage.does("check-number"), enrolled.checkNumber)
        case("an offer that was taken is none any more")
        assertEquals(AbsentTrouble.OFFER, refused<PushException.NotThere> { own.enrol(offer.id, PHONE) }.what)
        stage.does("confirm")
        case("the key of the service's wake-ups is known before enrolling and after")
        val key = checked.pushKey!!
        assertEquals(87 to key, key.length to own.pushKey(enrolled.id))
        case("what is no relay gives no endpoint")
        val none = refused<PushException.Service> {
            own.subscribe("https://${offer.host}", PushVendor.FCM, "token", key)
        }
        assertEquals(404, none.status)
        case("an enrolment says where its wake-ups go")
        for (endpoint in listOf("https://push.example.org/1", null)) {
            own.changePushEndpoint(enrolled.id, endpoint)
            assertEquals(endpoint, own.enrolments().single().pushEndpoint)
        }
        return enrolled.id
    }

    private suspend fun answers(enrolment: String) {
        val shown = Channel<Challenges>(Channel.UNLIMITED)
        val collecting = CoroutineScope(Dispatchers.Default).launch {
            own.challengeFlow().collect { if (it is ChallengeEvent.Shown) shown.send(it.challenges) }
        }
        case("a test comes on the flow, and its approval makes the enrolment work")
        var number = stage.does("test")
        val test = newest(shown)
        assertEquals(Act.TEST to enrolment, test.act to test.enrolmentId)
        assertEquals(Outcome.APPROVED, own.answer(test.id, Decision.Approve(number)).outcome)
        case("a number without its digits is not sent")
        number = stage.does("ask")
        val request = newest(shown)
        val digits = refused<PushException.Number> { own.answer(request.id, Decision.Approve("7")) }
        assertEquals(NumberTrouble.Digits(number.length), digits.why)
        case("a person who cancels the device's prompt has approved nothing")
        phone.keys.refuse = KeyStoreException.Cancelled()
        val cancelled = refused<PushException.KeyStore> { own.answer(request.id, Decision.Approve(number)) }
        assertTrue(cancelled.kind is KeyStoreException.Cancelled)
        phone.keys.refuse = null
        case("a sign-in is approved with its number")
        assertEquals(Outcome.APPROVED, own.answer(request.id, Decision.Approve(number)).outcome)
        assertEquals("Approved", stage.does("state"))
        case("another is denied, locked")
        stage.does("ask")
        val another = newest(shown)
        own.lock()
        assertEquals(Outcome.DENIED, own.answer(another.id, Decision.Deny(false)).outcome)
        assertEquals("Denied", stage.does("state"))
        case("a request that is not there is named")
        val gone = refused<PushException.NotThere> { own.answer(another.id, Decision.Deny(false)) }
        assertEquals(AbsentTrouble.REQUEST, gone.what)
        case("a cancelled collector of the requests leaves no task behind")
        withTimeout(20.seconds) { while (liveTasks() == 0L) delay(10.milliseconds) }
        collecting.cancelAndJoin()
        settled()
        case("a cancelled collector of the changes leaves no task behind")
        val redrawing = CoroutineScope(Dispatchers.Default).launch { own.changeFlow().collect {} }
        withTimeout(20.seconds) { while (liveTasks() == 0L) delay(10.milliseconds) }
        redrawing.cancelAndJoin()
        settled()
        case("the history has both answers, the newest first")
        val kinds = own.pushHistory().map { it.kind }
        assertEquals(listOf(AnswerKind.DENY, AnswerKind.APPROVE), kinds.take(2))
    }

    private suspend fun faults() {
        case("a panic is an error without its text; the vault is locked and its file whole")
        own.unlock(key, now(), boot())
        val fault = refused<VaultException.Internal> { own.rehearseFault() }
        assertTrue(fault.report.startsWith("panic at ") && ".rs:" in fault.report, fault.report)
        assertFalse("JBSWY3DP" in fault.toString() || "rehearsed" in fault.stackTraceToString())
        assertTrue(own.status() is VaultStatus.Locked)
        val opened = phone.start().use { it.unlock(key, now(), boot()) }
        assertEquals(VaultMode.ReadWrite to emptyList<String>(), opened.mode to opened.report.damaged)
        case("what a key store throws besides its errors is a hardware fault, without its text")
        own.unlock(key, now(), boot())
        own.renewDeviceWayIn(key, now())
        own.lock()
        phone.keys.refuse = IllegalStateException("JBSWY3DPEHPK3PXP")
        val broken = refused<VaultException.KeyStore> { own.unlock(UnlockKey.Device, now(), boot()) }
        assertTrue(broken.kind is KeyStoreException.HardwareFault)
        assertFalse("JBSWY3DP" in broken.stackTraceToString())
        phone.keys.refuse = null
        case("with a key store that works the device opens the vault")
        assertEquals(VaultMode.ReadWrite, own.unlock(UnlockKey.Device, now(), boot()).mode)
        own.lock()
    }

    private suspend fun newest(shown: Channel<Challenges>): Challenge = withTimeout(20.seconds) {
        var open = shown.receive().open
        while (open.isEmpty()) open = shown.receive().open
        open.first()
    }

    private suspend fun settled() = withTimeout(20.seconds) { while (liveTasks() != 0L) delay(10.milliseconds) }

    private companion object {
        const val PASSPHRASE = "walnut harbour quilt"
        val PHONE = PhoneInfo("a phone in Kotlin", "linux", "story 1", null)
    }
}

/** Runs [call] and returns the exception that it must throw. */
internal inline fun <reified E : Exception> refused(call: () -> Unit): E {
    try {
        call()
    } catch (thrown: Exception) {
        return thrown as? E ?: throw thrown
    }
    return fail("${E::class.simpleName} was not thrown")
}
