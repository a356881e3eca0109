package app.klink.presentation

import app.klink.core.*
import app.klink.presentation.BackupState
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

/** What comes in and what goes out: keys, files, exports, moves, backups. */
@OptIn(ExperimentalCoroutinesApi::class)
class TransferTest {
    private fun TestScope.phone(set: FakePhone.() -> Unit = {}) = FakePhone(this).apply {
        core.mode = VaultMode.ReadWrite
        core.list += FakeCore.account("a")
        set()
    }

    private fun <S, E> TestScope.does(model: Model<S, E>, vararg events: E): S {
        runCurrent()
        for (event in events) {
            model.on(event)
            runCurrent()
        }
        runCurrent()
        return model.state.value
    }

    private val key = EnteredKey("Forge", "ann", "jbsw y3dp", AccountKind.TOTP)
    private val found = ScannedAccount(0, AccountKind.TOTP, "Forge", "ann", Algorithm.SHA1, 6, 30, false)

    @Test
    fun `a typed key is added at once, a slip says what to do, and a link is what it is`() = runTest {
        val fake = phone()
        val model = ScanModel(fake.session, backgroundScope, fake.ways, Place.Key) {}
        assertEquals(ScanState.Typing(Message(Sentence.KEY_SHORT)), does(model, ScanEvent.KeyTyped(key)))
        assertTrue("addScanned" !in fake.core.calls)
        fake.typed = { found }
        val added = assertIs<ScanState.Found>(does(model, ScanEvent.KeyTyped(key)))
        assertEquals(AddedStatus.NEW, added.added.single().status)
        fake.text = Scanned.Account(found)
        val other = ScanModel(fake.session, backgroundScope, fake.ways, Place.Key) {}
        val link = assertIs<ScanState.Found>(does(other, ScanEvent.KeyTyped(key)))
        assertEquals(emptyList(), link.added, "what was not typed is asked about")
    }

    @Test
    fun `an export says what it leaves out, is confirmed, and goes where the person wants`() = runTest {
        val fake = phone()
        val model = ExportModel(fake.session, backgroundScope, fake.ways)
        val ready = assertIs<ExportState.Ready>(does(model, ExportEvent.Choose(ExportFormat.URI_LIST)))
        assertEquals(true to "b", ready.format.plain to ready.report.leftOut.single().id)
        val write = ExportEvent.Write("", SheetWords("en", "", "", ""), "list.txt")
        assertIs<UnlockState>(assertIs<ExportState.Ready>(does(model, write)).confirming)
        assertTrue(fake.device.saved.isEmpty() && "export" !in fake.core.calls)
        assertIs<ExportState.Done>(does(model, Confirm(UnlockEvent.ByDevice)))
        assertContentEquals("a file".toByteArray(), fake.device.saved["list.txt"])
    }

    @Test
    fun `a sealed export needs a password, codes are shown, and giving up leaves nothing`() = runTest {
        val fake = phone()
        val model = ExportModel(fake.session, backgroundScope, fake.ways)
        val write = ExportEvent.Write("", SheetWords("en", "", "", ""), "a.json")
        val refused = assertIs<ExportState.Ready>(does(model, ExportEvent.Choose(ExportFormat.AEGIS), write))
        assertEquals(Sentence.PASSPHRASE_EMPTY to null, refused.problem?.sentence to refused.confirming)
        assertIs<ExportState.Choose>(does(model, Back))
        val codes = does(model, ExportEvent.Choose(ExportFormat.CODES), write, Confirm(UnlockEvent.Cancel))
        assertNull(assertIs<ExportState.Ready>(codes).confirming)
        assertTrue("confirm" !in fake.core.calls)
        assertEquals(2, assertIs<ExportState.Codes>(does(model, write, Confirm(UnlockEvent.ByDevice))).codes.size)
    }

    @Test
    fun `the old phone shows codes after a confirmation and ends with the receipt of this move`() = runTest {
        val fake = phone()
        val model = MoveModel(fake.session, backgroundScope, fake.ways, null)
        runCurrent()
        assertEquals(MoveState.Choose(), model.state.value)
        val sending = does(model, MoveEvent.Send(MoveWay.FILE), Confirm(UnlockEvent.ByDevice))
        assertEquals(2 to true, assertIs<MoveState.Sending>(sending).run { codes.size to hasFile })
        does(model, MoveEvent.SaveFile)
        assertContentEquals("sealed".toByteArray(), fake.device.saved.values.single())
        val wrong = assertIs<MoveState.Sending>(does(model, MoveEvent.Receipt("000000")))
        assertEquals(Sentence.OTHER_RECEIPT, wrong.problem?.sentence)
        fake.core.handed = Handed(1, 2)
        assertEquals(MoveState.Arrived(1, 2), does(model, MoveEvent.Receipt("204881")))
        assertEquals(MoveState.Choose(begun = true), does(model, Back), "what did not arrive is shown again")
        fake.core.handed = Handed(2, 2)
        does(model, MoveEvent.GoOn, Confirm(UnlockEvent.ByDevice))
        assertEquals(MoveState.Arrived(2, 2), does(model, MoveEvent.Receipt("204881")))
        val again = MoveModel(fake.session, backgroundScope, fake.ways, null)
        runCurrent()
        assertTrue(assertIs<MoveState.Choose>(again.state.value).begun, "it goes on after a restart")
        assertIs<MoveState.Sending>(does(again, MoveEvent.GoOn, Confirm(UnlockEvent.ByDevice)))
    }

    @Test
    fun `the new phone takes codes until none is missing, shows them, and has the receipt`() = runTest {
        val fake = phone { core.takes = { Incoming(MoveCodeTaken.NEW, 1, 2, listOf(2), false, 1) } }
        val model = MoveModel(fake.session, backgroundScope, fake.ways, "head")
        runCurrent()
        assertEquals(listOf(2), assertIs<MoveState.Receiving>(model.state.value).incoming.missing)
        fake.core.takes = { throw TransferException.Move(MoveTrouble.Misread) }
        val misread = assertIs<MoveState.Receiving>(does(model, MoveEvent.TextPasted("x")))
        assertEquals(Sentence.MOVE_MISREAD to listOf(2), misread.problem?.sentence to misread.incoming.missing)
        fake.core.takes = { Incoming(MoveCodeTaken.NEW, 2, 2, emptyList(), false, 1) }
        val compared = assertIs<MoveState.Compared>(does(model, MoveEvent.TextPasted("part")))
        assertEquals(setOf("a"), compared.ticked)
        assertEquals(emptySet(), assertIs<MoveState.Compared>(does(model, MoveEvent.Tick("a", false))).ticked)
        val received = assertIs<MoveState.Received>(does(model, MoveEvent.Tick("a", true), MoveEvent.Take)).received
        assertEquals("204881" to "Hupra", received.receipt to received.renew.single().service)
        does(model, MoveEvent.Stop)
        assertTrue("stopReceiving" in fake.core.calls && "stopSending" !in fake.core.calls)
    }

    @Test
    fun `a code of a move leads to the move`() = runTest {
        val fake = phone { text = Scanned.Move("head") }
        ScanModel(fake.session, backgroundScope, fake.ways, Place.Scan("head")) {}
        assertEquals(listOf<Place>(Place.Move("head")), fake.ways.went)
        assertEquals(Place.Move("head"), fake.phone.placeOf("head"))
    }

    @Test
    fun `a folder that was picked gets its backup at once, and the next when something changed`() = runTest {
        val fake = phone { device.folder = "/backups" }
        val model = BackupModel(fake.session, backgroundScope, fake.ways)
        val shown = assertIs<BackupState.Shown>(does(model, BackupEvent.ChooseFolder))
        assertEquals("/backups", shown.folder)
        does(model, BackupEvent.Keep(30))
        fake.session.opened(null)
        assertEquals(
            listOf("backUpToPath /backups 10 false", "backUpToPath /backups 30 true"),
            fake.core.calls.filter { it.startsWith("backUp") },
        )
        does(model, BackupEvent.LeaveFolder)
        fake.session.opened(null)
        assertEquals(2, fake.core.calls.count { it.startsWith("backUp") })
    }

    @Test
    fun `a copy is merged or stands in the place of everything`() = runTest {
        val fake = phone()
        val model = BackupModel(fake.session, backgroundScope, fake.ways)
        assertIs<BackupState.Compared>(does(model, BackupEvent.Compare("/copy")))
        assertIs<BackupState.Replaced>(does(model, BackupEvent.Replace))
        assertEquals(1, fake.core.calls.count { it == "replaceBy" })
    }

    private val tested = BackupTest("vault", 0, 3, 1, 1, listOf("a", "x"), FakeCore.way(WayInKind.PASSPHRASE), emptyList())

    @Test
    fun `a backup that was chosen is tested with what its owner knows, and that is overwritten`() = runTest {
        val fake = phone { device.files = listOf(PickedFile("klink.akb", "/picked")) }
        val given = mutableListOf<ByteArray>()
        fake.core.tests = { _, key ->
            val typed = (key as UnlockKey.Passphrase).passphrase.also { given += it }
            if (String(typed) == "walnut") tested else throw VaultException.WrongKey()
        }
        val model = BackupModel(fake.session, backgroundScope, fake.ways)
        assertEquals(BackupState.NeedsKey("/picked", tested = true), does(model, BackupEvent.TestFile))
        val wrong = BackupState.NeedsKey("/picked", tested = true, problem = Message(Sentence.WRONG_KEY))
        assertEquals(wrong, does(model, BackupEvent.KeyTyped("quilt", false)))
        val found = assertIs<BackupState.Tested>(does(model, BackupEvent.KeyTyped("walnut", false)))
        assertEquals(tested to "ACME", found.test to found.names["a"]?.issuer)
        assertTrue(given.size == 2 && given.all { typed -> typed.all { it == 0.toByte() } })
        assertIs<BackupState.Shown>(does(model, Back))
        assertEquals(2, fake.core.calls.count { it == "testBackup /picked" })
        assertTrue("compare" !in fake.core.calls, "a test needs no vault")
    }

    @Test
    fun `a copy that is looked into is tested by what was typed for it, or asks`() = runTest {
        val fake = phone()
        fake.core.compares = { if (it == null) throw VaultException.WrongKey() }
        fake.core.tests = { _, key -> tested.also { assertEquals("walnut", String((key as UnlockKey.Passphrase).passphrase)) } }
        val model = BackupModel(fake.session, backgroundScope, fake.ways)
        assertEquals(BackupState.NeedsKey("/copy"), does(model, BackupEvent.Compare("/copy")))
        assertIs<BackupState.Compared>(does(model, BackupEvent.KeyTyped("walnut", false)))
        assertIs<BackupState.Tested>(does(model, BackupEvent.Test))
        fake.core.compares = {}
        assertIs<BackupState.Compared>(does(model, Back, BackupEvent.Compare("/copy")))
        assertEquals(BackupState.NeedsKey("/copy", tested = true), does(model, BackupEvent.Test))
        assertEquals(1, fake.core.calls.count { it == "testBackup /copy" })
    }

    @Test
    fun `a slip in a recovery code is said where it was typed, and a file that is no backup among the backups`() = runTest {
        val fake = phone { device.files = listOf(PickedFile("klink.akb", "/picked")) }
        val slip = VaultException.RecoveryCode(RecoveryCodeSlip.Character(6))
        fake.core.compares = { throw if (it == null) VaultException.WrongKey() else slip }
        fake.core.tests = { _, _ -> throw slip }
        val model = BackupModel(fake.session, backgroundScope, fake.ways)
        for ((event, isTest) in listOf(BackupEvent.CompareFile to false, BackupEvent.TestFile to true)) {
            val asked = BackupState.NeedsKey("/picked", isTest, problem = Message(Sentence.CODE_CHARACTER, 7))
            assertEquals(asked, does(model, event, BackupEvent.KeyTyped("K7QF", true)))
            assertIs<BackupState.Shown>(does(model, Back))
        }
        fake.core.tests = { _, _ -> throw VaultException.Storage(StorageTrouble.Damaged) }
        val shown = assertIs<BackupState.Shown>(does(model, BackupEvent.TestFile, BackupEvent.KeyTyped("walnut", false)))
        assertEquals(Message(Sentence.FILE_DAMAGED) to emptyList(), shown.problem to shown.snapshots)
    }

    @Test
    fun `who leaves while a backup is tested does not wait for it`() = runTest {
        val fake = phone { device.files = listOf(PickedFile("klink.akb", "/picked")) }
        val given = mutableListOf<UnlockKey>()
        fake.core.tests = { _, key -> CompletableDeferred<BackupTest>().also { given += key }.await() }
        val model = BackupModel(fake.session, backgroundScope, fake.ways)
        val working = does(model, BackupEvent.TestFile, BackupEvent.KeyTyped("walnut", false))
        assertEquals(BackupState.NeedsKey("/picked", tested = true, working = true), working)
        assertEquals(emptyList(), assertIs<BackupState.Shown>(does(model, Back)).snapshots)
        assertTrue((given.single() as UnlockKey.Passphrase).passphrase.all { it == 0.toByte() })
        assertIs<BackupState.NeedsKey>(does(model, BackupEvent.TestFile))
    }

    @Test
    fun `reading a file is given up when that is wanted`() = runTest {
        val fake = phone { device.picture = byteArrayOf(1) }
        var ended = false
        fake.core.previews = {
            try {
                CompletableDeferred<ImportPreview>().await()
            } finally {
                ended = true
            }
        }
        val model = ImportModel(fake.session, backgroundScope, fake.ways, null)
        assertEquals(ImportState.Choose(working = true), does(model, ImportEvent.ChoosePicture))
        assertEquals(ImportState.Choose(), does(model, ImportEvent.Cancel))
        assertTrue(ended)
    }

    @Test
    fun `a sealed file asks for its password, and for its key file where there is one`() = runTest {
        val fake = phone { device.picture = byteArrayOf(1) }
        val given = mutableListOf<String?>()
        fake.core.previews = {
            given += it.password?.let(::String)
            throw TransferException.NeedsPassword(ImportFormat.KEE_PASS, ImportNeeds.KEY_FILE)
        }
        val model = ImportModel(fake.session, backgroundScope, fake.ways, null)
        val asked = assertIs<ImportState.NeedsPassword>(does(model, ImportEvent.ChoosePicture))
        assertTrue(asked.keyFile)
        does(model, ImportEvent.Password("walnut"))
        assertEquals(listOf(null, "walnut"), given)
    }

    @Test
    fun `each line of the self-check leads to what mends it`() = runTest {
        val fake = phone()
        val lines = listOf(
            CheckLine(CheckItem.NOTIFICATIONS, CheckState.Bad(Advice.ALLOW_IN_SETTINGS)),
            CheckLine(CheckItem.CAMERA, CheckState.Bad(Advice.ALLOW_IN_SETTINGS)),
            CheckLine(CheckItem.BATTERY, CheckState.Better(Advice.LIFT_BATTERY_RESTRICTION)),
            CheckLine(CheckItem.HIBERNATION, CheckState.Better(Advice.SWITCH_OFF_HIBERNATION)),
            CheckLine(CheckItem.CLOCK, CheckState.Bad(Advice.SET_CLOCK)),
            CheckLine(CheckItem.BACKUP, CheckState.Better(Advice.BACK_UP)),
            CheckLine(CheckItem.VAULT, CheckState.Bad(Advice.SEE_VAULT)),
            CheckLine(CheckItem.PASSPHRASE, CheckState.Better(Advice.TYPE_PASSPHRASE)),
        )
        fake.core.check = { facts ->
            assertEquals(Permission.NOT_ASKED to true, facts.notifications to facts.screenLock)
            lines
        }
        val model = SelfCheckModel(fake.session, backgroundScope, fake.ways)
        runCurrent()
        assertEquals(lines, model.state.value.lines)
        for (line in lines) does(model, SelfCheckEvent.Mend(line))
        val pages = listOf(SystemPage.NOTIFICATIONS, SystemPage.APP, SystemPage.BATTERY, SystemPage.HIBERNATION, SystemPage.CLOCK)
        assertEquals(pages, fake.device.pages)
        assertEquals(listOf(Place.Backup, Place.Trouble), fake.ways.went)
        assertEquals(setOf(UnlockState.Way.PASSPHRASE), model.state.value.confirming?.ways, "the device is no answer")
        does(model, Confirm(UnlockEvent.ByPassphrase("walnut")))
        assertTrue("checkWayIn" in fake.core.calls && model.state.value.confirming == null)
    }

    @Test
    fun `who has only a button gets one, and only where the app can lead`() {
        for (advice in Advice.entries) {
            val none = advice in setOf(Advice.KEYS_IN_SOFTWARE, Advice.RESTART_DEVICE, Advice.MAKE_ROOM, Advice.OPEN_TO_SEE)
            assertEquals(!none, advice.leads(mustChoose = false), "$advice")
        }
    }
}
