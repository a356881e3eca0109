package app.klink.presentation

import app.klink.core.*
import app.klink.presentation.BackupState
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Test

/** The whole journey through the models, with the real library and the real reference service. */
class JourneyTest {
    private val soft = SoftPhone()
    private val stage = Stage("android")
    private val device = FakeDevice().apply { drafts = soft.folder.path }
    private lateinit var app: AppModel
    private val began = now()

    @Test
    fun journey() = runBlocking {
        soft.use {
            soft.start().use { core ->
                val scope = CoroutineScope(coroutineContext + Job())
                val phone = Phone(core, CoreLibrary, device, MemoryPreferences(), RealClock)
                app = AppModel(phone, scope)
                app.on(AppEvent.Life(LockEvent.ENTERED_FOREGROUND))
                begins()
                adds()
                imports()
                locks()
                enrols()
                signsIn()
                keeps()
                exports()
                moves(scope)
                scope.cancel()
            }
        }
    }

    private suspend fun begins() {
        case("the first start asks for a way back in, twice")
        val start = on<Screen.FirstStart>().model
        start.on(FirstStartEvent.WithPassphrase)
        start.on(NewKeyEvent.PassphraseTyped("walnut"))
        assertFalse(start.shows<NewKeyState.ChoosePassphrase>().strength?.good ?: true)
        start.on(NewKeyEvent.PassphraseChosen(PASSPHRASE))
        start.on(NewKeyEvent.PassphraseRepeated(PASSPHRASE))
        case("then it offers the device, and the list is empty")
        start.shows<FirstStartState.OfferBiometrics>()
        start.on(FirstStartEvent.AllowBiometrics)
        case("then it checks itself, and leads to what is missing")
        val check = on<Screen.SelfCheck>().model
        val lines = check.until { it.lines != null }.lines.orEmpty().associate { it.what to it.state }
        assertEquals<CheckState?>(CheckState.Good, lines[CheckItem.VAULT])
        assertEquals<CheckState?>(CheckState.Better(Advice.BACK_UP), lines[CheckItem.BACKUP])
        check.on(Back)
        assertEquals(0, on<Screen.Accounts>().model.state.value.total)
    }

    private suspend fun adds() {
        case("a link is shown before anything is added")
        app.on(AppEvent.Text("otpauth://totp/ACME:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME"))
        val scan = on<Screen.Scan>().model
        val found = scan.shows<ScanState.Found>().accounts.single()
        assertEquals("ACME" to "ann", found.issuer to found.accountName)
        scan.on(ScanEvent.AddFound(found.number))
        scan.until { it is ScanState.Found && it.added.isNotEmpty() }
        scan.on(ScanEvent.Done)
        case("its code is in the list, and a tap copies it")
        val list = on<Screen.Accounts>().model
        val row = list.until { it.rows.isNotEmpty() }.rows.single()
        list.on(AccountsEvent.Tap(row.account.id))
        assertEquals((row.code as RowCode.Shown).code.text.length, device.copied.single().length)
        case("a picture brings another account, and the same picture again nothing")
        assertEquals(AddedStatus.NEW, pictured())
        assertEquals(AddedStatus.ALREADY_THERE, pictured())
        case("a key is typed: a slip has its place, and what is right is added")
        app.go(Place.Key)
        val typing = on<Screen.Scan>().model
        typing.on(ScanEvent.KeyTyped(EnteredKey("Typed", "ann", "jb1w", AccountKind.TOTP)))
        assertEquals(Message(Sentence.KEY_CHARACTER, 3), (typing.until { it is ScanState.Typing && it.problem != null } as ScanState.Typing).problem)
        typing.on(ScanEvent.KeyTyped(EnteredKey("Typed", "ann", "jbsw y3dp-ehpk 3pxp", AccountKind.TOTP, digits = 8)))
        assertEquals(8, (typing.until { it is ScanState.Found && it.added.isNotEmpty() } as ScanState.Found).accounts.single().digits)
        case("a code that is not for this app says what it is")
        app.on(AppEvent.Text("WIFI:S:home;T:WPA;P:secret;;"))
        assertEquals(Foreign.Wifi, on<Screen.Scan>().model.shows<ScanState.Elsewhere>().what)
    }

    private suspend fun pictured(): AddedStatus {
        app.on(AppEvent.Picture(stage.brings("picture")))
        val scan = on<Screen.Scan>().model
        scan.on(ScanEvent.AddFound(scan.shows<ScanState.Found>().accounts.single().number))
        return (scan.until { it is ScanState.Found && it.added.isNotEmpty() } as ScanState.Found).added.single().status
    }

    private suspend fun imports() {
        case("an export in two codes is collected in any order, shown, and taken")
        app.on(AppEvent.Text(String(stage.brings("export/2"))))
        val scan = on<Screen.Scan>().model
        assertEquals(listOf(1), scan.shows<ScanState.Collecting>().progress.missing)
        scan.on(ScanEvent.TextPasted(String(stage.brings("export/1"))))
        val import = on<Screen.Import>().model
        val preview = import.shows<ImportState.Preview>()
        assertEquals(12, preview.rows.size)
        import.on(ImportEvent.Tick(preview.rows.first { it.ticked }.number, false))
        import.on(ImportEvent.Take)
        val counts = import.shows<ImportState.Done>().done.counts
        assertEquals(12L to 1L, counts.total to counts.skipped)
        val all = counts.imported + counts.duplicates + counts.unsupported + counts.damaged + counts.skipped
        assertEquals(counts.total, all)
    }

    private suspend fun locks() {
        case("locked shows nothing, a wrong passphrase says so, and the right one opens")
        app.replace(Place.Accounts)
        on<Screen.Accounts>().model.on(AccountsEvent.Lock)
        val lock = on<Screen.Unlock>().model
        lock.on(UnlockEvent.ByPassphrase("walnut"))
        assertEquals(Sentence.WRONG_KEY, lock.until { it.problem != null }.problem?.sentence)
        lock.on(UnlockEvent.ByPassphrase(PASSPHRASE))
        on<Screen.Accounts>()
        case("the device opens it too, unless its prompt is cancelled")
        on<Screen.Accounts>().model.on(AccountsEvent.Lock)
        val again = on<Screen.Unlock>().model
        assertEquals(UnlockState.Way.DEVICE, again.state.value.asked)
        soft.keys.refuse = KeyStoreException.Cancelled()
        again.on(UnlockEvent.ByDevice)
        assertEquals(Sentence.KEYS_CANCELLED, again.until { it.problem != null }.problem?.sentence)
        soft.keys.refuse = null
        again.on(UnlockEvent.ByDevice)
        on<Screen.Accounts>()
    }

    private suspend fun enrols() {
        case("a set-up code shows its host first, then who vouches for it")
        app.on(AppEvent.Text(stage.does("offer")))
        val enrol = on<Screen.Enrol>().model
        assertTrue(enrol.shows<EnrolState.AskHost>().host.startsWith("127.0.0.1:"))
        enrol.on(EnrolEvent.Connect)
        val service = enrol.shows<EnrolState.AskService>()
        assertEquals("Example Organisation" to "android", service.service to service.accountName)
        case("the number on the phone is the number on the page")
        enrol.on(EnrolEvent.Enrol)
        val shown = enrol.shows<EnrolState.Check>().number
        assertEquals(stage.does("check-number"), shown)
        stage.does("confirm")
        case("the test comes up by itself, and takes the page's number")
        val number = stage.does("test")
        val approve = on<Screen.Approve>().model
        val asked = approve.shows<ApproveState.Asked>()
        assertEquals(Act.TEST, asked.challenge.act)
        approve.on(ApproveEvent.Number(number))
        approve.on(ApproveEvent.Approve)
        assertEquals(Outcome.APPROVED, approve.shows<ApproveState.Answered>().outcome)
        approve.on(ApproveEvent.Close)
        case("set-up is finished, and the service stands in the list")
        assertEquals("Example Organisation", enrol.shows<EnrolState.Done>().service)
        enrol.on(EnrolEvent.Close)
        val list = on<Screen.Accounts>().model
        assertEquals(EnrolmentState.Active, list.until { it.services.isNotEmpty() }.services.single().enrolment.state)
    }

    private suspend fun signsIn() {
        case("a sign-in is approved with its number")
        val number = stage.does("ask")
        val approve = on<Screen.Approve>().model
        approve.shows<ApproveState.Asked>()
        approve.on(ApproveEvent.Number(number))
        approve.on(ApproveEvent.Approve)
        assertEquals(Outcome.APPROVED, approve.shows<ApproveState.Answered>().outcome)
        assertEquals("Approved", stage.does("state"))
        approve.on(ApproveEvent.Close)
        case("another is denied in one tap, over the lock")
        on<Screen.Accounts>().model.on(AccountsEvent.Lock)
        on<Screen.Unlock>()
        stage.does("ask")
        app.on(AppEvent.OpenRequest(null))
        val deny = on<Screen.Approve>().model
        assertTrue(deny.shows<ApproveState.Asked>().locked)
        deny.on(ApproveEvent.Deny)
        assertEquals(Outcome.DENIED, deny.shows<ApproveState.Answered>().outcome)
        assertEquals("Denied", stage.does("state"))
        deny.on(ApproveEvent.Close)
        on<Screen.Unlock>().model.on(UnlockEvent.ByDevice)
        on<Screen.Accounts>()
        case("the history has them, the newest first")
        app.go(Place.History)
        val kinds = on<Screen.History>().model.until { it.answers != null }.answers?.map { it.kind }
        assertEquals(listOf(AnswerKind.DENY, AnswerKind.APPROVE, AnswerKind.APPROVE), kinds)
        app.back()
    }

    private suspend fun keeps() {
        case("a secret is shown after a confirmation")
        val id = on<Screen.Accounts>().model.until { it.rows.isNotEmpty() }.rows.first { it.account.issuer == "ACME" }.account.id
        app.go(Place.Account(id))
        val account = on<Screen.Account>().model
        account.on(AccountEvent.Reveal)
        account.until { it is AccountState.Shown && it.confirming != null }
        account.on(Confirm(UnlockEvent.ByPassphrase(PASSPHRASE)))
        val shown = account.until { it is AccountState.Shown && it.revealed != null } as AccountState.Shown
        assertTrue(shown.revealed?.secret.orEmpty().startsWith("GEZDGNBV"))
        app.back()
        case("a group is made, and takes the account")
        app.go(Place.Groups)
        val groups = on<Screen.Groups>().model
        groups.on(GroupsEvent.Add(" Work "))
        assertEquals("Work", groups.until { it.groups.isNotEmpty() }.groups.single().group.name)
        app.back()
        case("a backup goes into the folder that was chosen, and stands with its date")
        app.go(Place.Backup)
        val folder = on<Screen.Backup>().model
        folder.until { it is BackupState.Shown && it.snapshots != null }
        device.folder = soft.folder.resolve("backups").path
        folder.on(BackupEvent.ChooseFolder)
        val kept = folder.until { it is BackupState.Shown && it.state?.lastGood != null } as BackupState.Shown
        assertEquals(File(device.folder.orEmpty()).list().orEmpty().toList(), listOf(kept.state?.lastGood?.name))
        app.back()
        case("a backup is written, read back and handed over")
        app.go(Place.Backup)
        val backup = on<Screen.Backup>().model
        backup.until { it is BackupState.Shown && it.snapshots != null }
        backup.on(BackupEvent.Write)
        val written = (backup.until { it is BackupState.Shown && it.written != null } as BackupState.Shown).written
        assertEquals(SnapshotState.WHOLE, written?.state)
        val file = File(device.handedOver.single())
        assertTrue(file.length() > 0)
        case("it is tested with what its owner knows: what is wrong says so, what is right opens every account")
        device.files = listOf(PickedFile(file.name, file.path))
        backup.on(BackupEvent.TestFile)
        backup.shows<BackupState.NeedsKey>()
        backup.on(BackupEvent.KeyTyped("K7QF", isRecoveryCode = true))
        backup.until { it is BackupState.NeedsKey && it.problem?.sentence == Sentence.CODE_LENGTH }
        backup.on(BackupEvent.KeyTyped("walnut", isRecoveryCode = false))
        backup.until { it is BackupState.NeedsKey && it.problem?.sentence == Sentence.WRONG_KEY }
        backup.on(BackupEvent.KeyTyped(PASSPHRASE, isRecoveryCode = false))
        val test = backup.shows<BackupState.Tested>().test
        assertEquals(written?.says?.accounts to emptyList(), test.accounts to test.damaged)
        assertEquals(WayInKind.PASSPHRASE to true, test.openedBy.run { kind to (createdAtMs in began..now()) })
        backup.on(Back)
        backup.until { it is BackupState.Shown && it.snapshots != null }
        case("one byte that is another is found")
        file.writeBytes(file.readBytes().also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() })
        backup.on(BackupEvent.TestFile)
        backup.shows<BackupState.NeedsKey>()
        backup.on(BackupEvent.KeyTyped(PASSPHRASE, isRecoveryCode = false))
        backup.until { it is BackupState.Shown && it.problem?.sentence == Sentence.FILE_DAMAGED && it.snapshots != null }
        app.back()
        case("a new recovery code is typed back, then confirmed")
        app.go(Place.RecoveryCode)
        val renew = on<Screen.WayIn>().model
        val code = renew.shows<NewKeyState.ShowRecoveryCode>().code.orEmpty()
        renew.on(NewKeyEvent.CodeWrittenDown)
        renew.on(NewKeyEvent.CodeRepeated(code.lowercase()))
        renew.shows<WayInState.Asked>()
        renew.on(Confirm(UnlockEvent.ByPassphrase(PASSPHRASE)))
        renew.shows<WayInState.Done>()
        case("what is linked is named with its licence")
        app.go(Place.Licences)
        val parts = on<Screen.Licences>().model.state.value.parts
        assertTrue(parts.size > 100 && parts.any { it.name.startsWith("ring ") }, "${parts.size} parts")
    }

    private suspend fun exports() {
        case("an export is confirmed, saved, and comes back as what is here already")
        app.replace(Place.Accounts)
        app.go(Place.Export)
        val export = on<Screen.Export>().model
        export.on(ExportEvent.Choose(ExportFormat.AEGIS))
        val report = export.shows<ExportState.Ready>().report
        export.on(ExportEvent.Write("a password", WORDS, "aegis.json"))
        export.until { it is ExportState.Ready && it.confirming != null }
        export.on(Confirm(UnlockEvent.ByPassphrase(PASSPHRASE)))
        export.shows<ExportState.Done>()
        val file = soft.folder.resolve("aegis.json").apply { writeBytes(device.saved.getValue("aegis.json")) }
        device.files = listOf(PickedFile(file.name, file.path))
        app.go(Place.Import)
        val import = on<Screen.Import>().model
        import.on(ImportEvent.ChooseFiles)
        assertEquals(ImportFormat.AEGIS, import.shows<ImportState.NeedsPassword>().format)
        import.on(ImportEvent.Password("wrong"))
        import.until { it is ImportState.NeedsPassword && it.problem?.sentence == Sentence.IMPORT_WRONG_PASSWORD }
        import.on(ImportEvent.Password("a password"))
        val rows = import.shows<ImportState.Preview>().rows
        assertEquals(report.written.size, rows.count { it.status is PreviewStatus.Duplicate && !it.ticked })
        case("every plain format is written too, to a file or as codes")
        for (format in ExportFormat.entries - ExportFormat.AEGIS) {
            app.replace(Place.Accounts)
            app.go(Place.Export)
            val plain = on<Screen.Export>().model
            plain.on(ExportEvent.Choose(format))
            plain.shows<ExportState.Ready>()
            plain.on(ExportEvent.Write("", WORDS, format.name))
            plain.until { it is ExportState.Ready && it.confirming != null }
            plain.on(Confirm(UnlockEvent.ByPassphrase(PASSPHRASE)))
            val end = plain.until { it is ExportState.Done || it is ExportState.Codes }
            assertTrue((end as? ExportState.Codes)?.codes?.isNotEmpty() ?: device.saved.getValue(format.name).isNotEmpty(), "$format")
        }
    }

    private suspend fun moves(scope: CoroutineScope) {
        case("all accounts move to a second phone that scans the first one's codes, and its receipt says so")
        app.replace(Place.Accounts)
        app.go(Place.Move())
        val old = on<Screen.Move>().model
        old.on(MoveEvent.Send(MoveWay.CODES))
        old.until { it is MoveState.Choose && it.confirming != null }
        old.on(Confirm(UnlockEvent.ByPassphrase(PASSPHRASE)))
        val sending = old.shows<MoveState.Sending>()
        val first = app
        SoftPhone().use { other ->
            other.start().use { core ->
                core.create(NewVault(passphrase = "another phone's words".toByteArray()), now())
                app = AppModel(Phone(core, CoreLibrary, FakeDevice(), MemoryPreferences(), RealClock), scope)
                val list = on<Screen.Accounts>().model
                app.go(Place.Move())
                val screen = on<Screen.Move>()
                screen.model.on(MoveEvent.Receive)
                screen.model.shows<MoveState.Receiving>()
                // In any order, and the first twice.
                for (code in sending.codes.reversed() + sending.codes) screen.frames.shown(code)
                val compared = screen.model.shows<MoveState.Compared>()
                assertEquals(sending.accounts, compared.ticked.size.toLong())
                screen.model.on(MoveEvent.Take)
                val received = screen.model.shows<MoveState.Received>().received
                assertEquals("Example Organisation", received.renew.single().service)
                assertEquals(sending.accounts.toInt(), list.until { it.total > 0 }.total)
                old.on(MoveEvent.Receipt(if (received.receipt == "000000") "000001" else "000000"))
                assertEquals(Sentence.OTHER_RECEIPT, (old.until { it is MoveState.Sending && it.problem != null } as MoveState.Sending).problem?.sentence)
                old.on(MoveEvent.Receipt(received.receipt))
                assertEquals(MoveState.Arrived(sending.accounts, sending.accounts), old.shows<MoveState.Arrived>())
                screen.model.on(MoveEvent.Stop)
                on<Screen.Accounts>()
            }
        }
        app = first
    }

    /** Holds a code before the camera, as the screen draws it. */
    private fun Frames.shown(code: QrCode) {
        val side = (code.size + 2 * QUIET) * SCALE
        val frame = java.nio.ByteBuffer.allocateDirect(side * side)
        for (y in 0 until side) for (x in 0 until side) {
            val (column, row) = x / SCALE - QUIET to y / SCALE - QUIET
            val dark = column in 0 until code.size && row in 0 until code.size && code.modules[row * code.size + column] != 0.toByte()
            frame.put(y * side + x, if (dark) 0 else -1)
        }
        take(frame, side, side, side)
    }

    private suspend inline fun <reified S : Screen> on(): S = waiting("screen ${S::class.simpleName}", { app.state.value.screen }) {
        app.state.first { it.screen is S }.screen as S
    }

    private suspend inline fun <reified S : Any> Model<*, *>.shows(): S = waiting("state ${S::class.simpleName}", { state.value }) {
        state.first { it is S } as S
    }

    private suspend fun <S> Model<S, *>.until(wanted: (S) -> Boolean): S = waiting("a state", { state.value }) { state.first(wanted) }

    private suspend fun <T> waiting(what: String, shown: () -> Any?, wait: suspend () -> T): T =
        withTimeoutOrNull(20.seconds) { wait() } ?: error("waited for $what; there is ${shown()}")

    private companion object {
        const val PASSPHRASE = "walnut harbour quilt"
        const val QUIET = 4
        const val SCALE = 4
        val WORDS = SheetWords("en", "Accounts", "Lock it away", "no name")
    }
}

private object RealClock : Clock {
    override fun now() = app.klink.core.now()

    override fun boot() = app.klink.core.boot()
}
