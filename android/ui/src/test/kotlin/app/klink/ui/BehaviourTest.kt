package app.klink.ui

import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.toComposeImageBitmap
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsEnabled
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.captureToImage
import androidx.compose.ui.test.onAllNodesWithContentDescription
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.onRoot
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.performTouchInput
import androidx.compose.ui.test.v2.runSkikoComposeUiTest
import androidx.compose.ui.unit.Density
import app.klink.core.AccountKind
import app.klink.core.Algorithm
import app.klink.core.CheckItem
import app.klink.core.EnteredKey
import app.klink.core.ListOrder
import app.klink.core.MoveWay
import app.klink.core.NextStep
import app.klink.presentation.*
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.Image
import org.jetbrains.skia.Surface

/** What a person does on a screen reaches the model, and what is heard is what is meant. */
@OptIn(ExperimentalTestApi::class)
class BehaviourTest {
    private fun on(sample: String, language: String = "en", test: SkikoComposeUiTest.(Seen) -> Unit) =
        runSkikoComposeUiTest(Size(412f, 2000f), Density(1f)) {
            val seen = Seen()
            setContent { KlinkTheme(words(language), dark = false) { SAMPLES.single { it.name == sample }.draw(seen) } }
            test(seen)
        }

    private fun SkikoComposeUiTest.tap(text: String) = onNodeWithText(text).performClick()

    private fun SkikoComposeUiTest.press(label: String) = onNodeWithContentDescription(label).performClick()

    @Test
    fun `a tap on a row copies, its menu opens the account`() = on("accounts-list") { seen ->
        press("Hupra ann@hupra.example, Favourite, 4 8 2 9 1 6")
        press("More about Forge ann")
        tap("Details")
        press("More about Hupra ann@hupra.example")
        tap("No longer a favourite")
        press("More about Forge ann")
        tap("Move up")
        press("Next code")
        tap("Add")
        assertEquals(
            listOf<Any>(
                AccountsEvent.Tap("account 1"), Go(Place.Account("account 2")), AccountsEvent.Favorite("account 1", false),
                AccountsEvent.Move("account 2", "account 1"), AccountsEvent.NextCode("account 4"), Go(Place.Add),
            ),
            seen.events,
        )
    }

    @Test
    fun `the list is searched, chosen from and sorted`() = on("accounts-list") { seen ->
        onNodeWithText("Search").performTextInput("f")
        tap("Work")
        tap("Favourites")
        press("More")
        tap("By name")
        press("Lock")
        assertEquals(
            listOf<Any>(
                AccountsEvent.Search("f"), AccountsEvent.ChooseGroup("g1"), AccountsEvent.OnlyFavorites(true),
                AccountsEvent.SortBy(ListOrder.NAME), AccountsEvent.Lock,
            ),
            // The sample does not keep what was typed.
            seen.events.filter { it != AccountsEvent.Search("") },
        )
    }

    @Test
    fun `the banner leads to what mends it`() = on("accounts-busy") { seen ->
        tap("Try it")
        assertEquals(listOf<Any>(AccountsEvent.Mend(Banner.CheckPassphrase)), seen.events)
    }

    @Test
    fun `approving waits for the whole number, denying does not`() = on("approve-number") { seen ->
        onNodeWithText("Approve").assertIsNotEnabled()
        tap("2")
        tap("Deny")
        tap("This wasn't me")
        press("Erase the last digit")
        assertEquals(
            listOf<Any>(ApproveEvent.Number("42"), ApproveEvent.Deny, ApproveEvent.NotMe, ApproveEvent.Number("")), seen.events,
        )
    }

    @Test
    fun `the whole number approves`() = on("approve-complete") { seen ->
        onNodeWithText("Approve").assertIsEnabled().performClick()
        tap("7")
        assertEquals(listOf<Any>(ApproveEvent.Approve), seen.events)
    }

    @Test
    fun `a locked vault denies and does not approve`() = on("approve-locked") { seen ->
        onNodeWithText("Approve").assertDoesNotExist()
        tap("Deny")
        tap("Unlock to approve")
        assertEquals(listOf<Any>(ApproveEvent.Deny, ApproveEvent.Unlock), seen.events)
    }

    @Test
    fun `a request is read in the order asker, application, place, field`() = on("approve-number") {
        val heard = heard()
        val order = listOf("Hupra", "Sign in to Hours at Hupra?", "Utrecht, Netherlands", "Type the number on the page", "Approve")
            .map { wanted -> heard.indexOfFirst { it.startsWith(wanted) } }
        assertTrue(order.all { it >= 0 } && order == order.sorted(), "$order of $heard")
    }

    @Test
    fun `codes are spoken digit by digit`() = on("accounts-list") {
        val heard = heard()
        assertTrue(heard.any { "4 8 2 9 1 6" in it }, "$heard")
        assertTrue(heard.none { "482 916" in it || "482916" in it }, "$heard")
        assertTrue(heard.any { "Hidden code" in it }, "$heard")
    }

    @Test
    fun `the end of a code is announced once, for the row that was copied`() = runSkikoComposeUiTest(Size(412f, 900f), Density(1f)) {
        val code = account(1, "Hupra", "ann")
        var state by mutableStateOf(AccountsState(listOf(row(code, "482916"), row(account(2, "Forge", "ann"), "111222")), NOW, total = 2))
        setContent { KlinkTheme(words("en"), dark = false) { AccountsScreen(state) {} } }
        fun at(leftMs: Long, copied: Boolean): Int {
            state = state.copy(nowMs = NOW + 19_000 - leftMs, copied = if (copied) Copied(code.id, NOW + 19_000) else null)
            waitForIdle()
            return onAllNodesWithContentDescription("The code changes in five seconds").fetchSemanticsNodes().size
        }
        assertEquals(0, at(6_000, copied = true))
        assertEquals(1, at(5_000, copied = true))
        val first = onNodeWithContentDescription("The code changes in five seconds").fetchSemanticsNode().id
        assertEquals(1, at(4_000, copied = true))
        assertEquals(first, onNodeWithContentDescription("The code changes in five seconds").fetchSemanticsNode().id, "it is not read again")
        assertEquals(0, at(3_000, copied = false))
    }

    @Test
    fun `a passphrase is chosen when it is good`() = on("first-start-passphrase") { seen ->
        onNodeWithText("Next").assertIsNotEnabled()
        onNodeWithText("Passphrase").performTextInput("walnut harbour quilt")
        onNodeWithText("Next").performClick()
        assertEquals(
            listOf<Any>(NewKeyEvent.PassphraseTyped("walnut harbour quilt"), NewKeyEvent.PassphraseChosen("walnut harbour quilt")),
            seen.events,
        )
    }

    @Test
    fun `the first start leads either way`() = on("first-start-previous", "nl") { seen ->
        tap("Kies een wachtzin")
        tap("Gebruik een herstelcode")
        tap("Back-up terugzetten")
        tap("Opnieuw beginnen, zonder de oude accounts")
        assertEquals(
            listOf<Any>(FirstStartEvent.WithPassphrase, FirstStartEvent.WithRecoveryCode, FirstStartEvent.Restore, FirstStartEvent.StartNew),
            seen.events,
        )
    }

    @Test
    fun `the host is shown before anything is sent, the organisation before anything is kept`() {
        on("enrol-host") { seen ->
            onNodeWithText("login.hupra.example").assertExists()
            tap("Connect")
            assertEquals(listOf<Any>(EnrolEvent.Connect), seen.events)
        }
        on("enrol-service") { seen ->
            onNodeWithText("ann@hupra.example").assertExists()
            tap("Allow")
            tap("Add")
            assertEquals(listOf<Any>(EnrolEvent.AllowNotifications, EnrolEvent.Enrol), seen.events)
        }
        on("enrol-check") { seen ->
            onNodeWithContentDescription("2 0 4 8 8 1").assertExists()
            tap("Open the test")
            assertEquals(listOf<Any>(EnrolEvent.OpenTest), seen.events)
        }
    }

    @Test
    fun `the vault is opened by what was typed`() = on("unlock-passphrase") { seen ->
        onNodeWithText("Passphrase").performTextInput("walnut")
        tap("Use the recovery code")
        onNodeWithText("That does not open it. Check capitals and spaces.").assertExists()
        assertEquals(listOf<Any>(UnlockEvent.Ask(UnlockState.Way.RECOVERY_CODE)), seen.events)
    }

    @Test
    fun `an account is added where its kind says`() = on("add") { seen ->
        onNodeWithText("Work or school", substring = true).performClick()
        onNodeWithText("Personal or other (QR code)", substring = true).performClick()
        onNodeWithText("Enter a key", substring = true).performClick()
        val scan = Go(Place.Scan())
        assertEquals(listOf<Any>(scan, scan, Go(Place.Key)), seen.events)
    }

    @Test
    fun `a key is typed with its names, and what few accounts need only where it is asked for`() {
        on("scan-key") { seen ->
            onNodeWithText("Character 3", substring = true).assertExists()
            onNodeWithText("Add the account").assertIsNotEnabled()
            onNodeWithText("Key").performTextInput("jbsw y3dp")
            onNodeWithText("Issuer").performTextInput("Forge ")
            tap("Add the account")
            assertEquals(listOf<Any>(ScanEvent.KeyTyped(EnteredKey("Forge", "", "jbsw y3dp", AccountKind.TOTP))), seen.events)
        }
        on("key-more") { seen ->
            onNodeWithText("Key").performTextInput("jbsw")
            tap("Counting")
            tap("SHA256")
            onNodeWithText("Digits of a code").performTextInput("eight")
            onNodeWithText("Counter").performTextInput("7")
            tap("Add the account")
            val key = EnteredKey("", "", "jbsw", AccountKind.HOTP, Algorithm.SHA256, 0, null, "7")
            assertEquals(listOf<Any>(ScanEvent.KeyTyped(key)), seen.events)
        }
    }

    @Test
    fun `nothing found is added before it is tapped`() = on("scan-found") { seen ->
        tap("Add this account")
        assertEquals(listOf<Any>(ScanEvent.AddFound(0)), seen.events)
    }

    @Test
    fun `trouble offers its steps, the best first`() = on("trouble-no-open") { seen ->
        tap("Save what can be read")
        tap("Start new")
        assertEquals(listOf<Any>(TroubleEvent.Take(NextStep.Salvage), TroubleEvent.Take(NextStep.StartNew)), seen.events)
    }

    @Test
    fun `removing asks first, an import is ticked, a group is named`() {
        on("account-shown") { seen ->
            onNodeWithText("Move to the trash").performScrollTo().performClick()
            assertEquals(emptyList<Any>(), seen.events)
            onNodeWithText("Keep").performClick()
            onNodeWithText("Work").performScrollTo().performClick()
            assertEquals(listOf<Any>(AccountEvent.InGroup("g1", false)), seen.events)
        }
        on("service-removing") { seen ->
            tap("Only remove it here")
            assertEquals(listOf<Any>(ServiceEvent.ReallyRemove(tellService = false)), seen.events)
        }
        on("import-preview") { seen ->
            onNodeWithText("Mail", substring = true).performClick()
            tap("Add 2 accounts")
            assertEquals(listOf<Any>(ImportEvent.Tick(1, true), ImportEvent.Take), seen.events)
        }
        on("groups") { seen ->
            onNodeWithText("New group").performTextInput("Club")
            tap("Add the group")
            press("Remove Work")
            assertEquals(listOf<Any>(GroupsEvent.Add("Club"), GroupsEvent.Delete("g1")), seen.events)
        }
    }

    @Test
    fun `a row is carried to another place, and goes up and down without a finger that drags`() {
        on("accounts-list") { seen ->
            val row = onNodeWithContentDescription("Hupra ann@hupra.example, Favourite, 4 8 2 9 1 6")
            row.performTouchInput {
                down(center)
                advanceEventTime(1_000)
                // Over the row below it.
                repeat(4) { moveBy(Offset(0f, 22f)) }
                up()
            }
            assertEquals(listOf<Any>(AccountsEvent.Move("account 1", "account 3")), seen.events)
            seen.events.clear()
            val actions = onNodeWithContentDescription("Forge ann, 0 7 1 3 5 5", substring = true).fetchSemanticsNode()
                .config[SemanticsActions.CustomActions]
            assertEquals(listOf("Move up", "Move down"), actions.map { it.label })
            actions.forEach { it.action() }
            assertEquals(listOf<Any>(AccountsEvent.Move("account 2", "account 1"), AccountsEvent.Move("account 2", "account 4")), seen.events)
        }
        on("accounts-not-found") { onNodeWithText("Move up").assertDoesNotExist() }
    }

    @Test
    fun `a plain export is written by nobody who was not warned`() = on("export-uri-list") { seen ->
        onNodeWithText("Save the file").assertIsNotEnabled()
        onNodeWithText("This is not sealed", substring = true).assertExists()
        onNodeWithText("This format has no such kind of codes", substring = true).assertExists()
        tap("I understand that")
        onNodeWithText("Save the file").performScrollTo().performClick()
        assertEquals("klink-accounts.txt", (seen.events.single() as ExportEvent.Write).fileName)
    }

    @Test
    fun `a sealed export has its password typed twice`() = on("export-aegis") { seen ->
        onNodeWithText("Password of the file").performTextInput("walnut")
        onNodeWithText("The same password again").performTextInput("walnut")
        onNodeWithText("Save the file").performScrollTo().performClick()
        assertEquals("walnut", (seen.events.single() as ExportEvent.Write).password)
    }

    @Test
    fun `codes are turned by hand and by themselves`() = on("export-shown") {
        mainClock.autoAdvance = false
        onNodeWithContentDescription("Code 1 of 2").assertExists()
        mainClock.advanceTimeBy(1_600)
        onNodeWithContentDescription("Code 2 of 2").assertExists()
        tap("Previous")
        mainClock.advanceTimeBy(5_000)
        onNodeWithContentDescription("Code 1 of 2").assertExists()
    }

    @Test
    fun `a move has its two sides, and the receipt has six digits`() {
        on("move-choose") { seen ->
            onNodeWithText("Show codes", substring = true).performClick()
            onNodeWithText("Take the accounts", substring = true).performClick()
            tap("Go on")
            assertEquals(listOf<Any>(MoveEvent.Send(MoveWay.CODES), MoveEvent.Receive, MoveEvent.GoOn), seen.events)
        }
        on("move-file") { seen ->
            onNodeWithText("Finish").assertIsNotEnabled()
            for (digit in listOf("2", "0", "4", "8", "8", "1")) onNodeWithText(digit).performScrollTo().performClick()
            onNodeWithText("Finish").performScrollTo().performClick()
            assertEquals(listOf<Any>(MoveEvent.Receipt("204881")), seen.events)
        }
        on("move-received") { seen ->
            onNodeWithContentDescription("2 0 4 8 8 1").assertExists()
            onNodeWithText("login.hupra.example", substring = true).assertExists()
            tap("Done")
            assertEquals(listOf<Any>(MoveEvent.Stop), seen.events)
        }
    }

    @Test
    fun `a line of the self-check has a button where the app can lead`() = on("check-lines") { seen ->
        onNodeWithText("Mend: Keys of this phone").performScrollTo().performClick()
        assertEquals(CheckItem.KEYS, (seen.events.single() as SelfCheckEvent.Mend).line.what)
        onNodeWithText("Mend: Vault").assertDoesNotExist()
    }

    @Test
    fun `who brings wake-ups is chosen, and the self-check says that nobody was`() {
        on("settings-wake-ups") { seen ->
            onNodeWithText("choose one, or nothing does", substring = true).performScrollTo().assertExists()
            onNodeWithText("Post (org.example.other)").performScrollTo().performClick()
            assertEquals(listOf<Any>(SettingsEvent.Choose("org.example.other")), seen.events)
        }
        on("settings-woken") { onNodeWithText("choose one, or nothing does", substring = true).assertDoesNotExist() }
        on("settings") { onNodeWithText("Wake-ups").assertDoesNotExist() }
        on("enrol-wake-ups") { seen ->
            onNodeWithText("ntfy").performScrollTo().performClick()
            assertEquals(listOf<Any>(EnrolEvent.Choose("io.heckel.ntfy")), seen.events)
        }
        on("check-unchosen") { seen ->
            onNodeWithText("choose one, or nothing does", substring = true).assertExists()
            tap("Mend: Wake-ups")
            assertEquals(CheckItem.WAKE_UPS, (seen.events.single() as SelfCheckEvent.Mend).line.what)
        }
    }

    @Test
    fun `a file with a PIN to type, and a sealed one with a key file`() {
        on("import-preview") { seen ->
            onNodeWithText("PIN of Token").performTextInput("1234")
            onNodeWithText("Set the PIN of Token").performScrollTo().performClick()
            assertEquals(listOf<Any>(ImportEvent.Pin(2, "1234")), seen.events)
        }
        on("import-key-file") { seen ->
            onNodeWithText("Choose its key file", substring = true).performClick()
            onNodeWithText("Password of the file").performTextInput("walnut")
            tap("Open")
            tap("Cancel")
            assertEquals(listOf<Any>(ImportEvent.ChooseKeyFile, ImportEvent.Password("walnut"), ImportEvent.Cancel), seen.events)
        }
    }

    @Test
    fun `an account has a sign of its own, and its code can be scanned once it is shown`() {
        on("account-shown") { seen ->
            onNodeWithText("Globe").performScrollTo().performClick()
            assertEquals(listOf<Any>(AccountEvent.Icon("globe")), seen.events)
        }
        on("account-revealed") { seen ->
            onNodeWithContentDescription("The account as a QR code").assertExists()
            onNodeWithText("Requests of this account", substring = true).performScrollTo().performClick()
            assertEquals(listOf<Any>(Go(Place.Service("enrolment"))), seen.events)
        }
    }

    @Test
    fun `replacing everything by a backup is asked about once more`() = on("backup-compared") { seen ->
        onNodeWithText("Put this backup in the place of everything").performScrollTo().performClick()
        assertEquals(emptyList<Any>(), seen.events)
        tap("Replace")
        assertEquals(listOf<Any>(BackupEvent.Replace), seen.events)
    }

    @Test
    fun `a backup is tested with what is typed, and it says what opened, what did not, and what opened it`() {
        on("backup-shown") { seen ->
            onNodeWithText("Test a backup", substring = true).performScrollTo().performClick()
            assertEquals(listOf<Any>(BackupEvent.TestFile), seen.events)
        }
        on("backup-compared") { seen ->
            onNodeWithText("Test this backup").performScrollTo().performClick()
            assertEquals(listOf<Any>(BackupEvent.Test), seen.events)
        }
        on("backup-test") { seen ->
            tap("Recovery code")
            onNodeWithText("Type the recovery code").performTextInput("K7QF")
            tap("Open")
            assertEquals(listOf<Any>(BackupEvent.KeyTyped("K7QF", isRecoveryCode = true)), seen.events)
        }
        on("backup-tested") { seen ->
            assertEquals(
                listOf(
                    "Backup tested", "Everything in this backup opens: 14 accounts.", "November 23, 2026 · 12 accounts", "Trash (2)",
                    "What opened it", "Passphrase", "since November 22, 2026", "Done",
                ),
                heard(),
            )
            tap("Done")
            assertEquals(listOf<Any>(Back), seen.events)
        }
        on("backup-test-damaged", "nl") {
            val told = heard()
            val bad = "2 accounts gaan niet open: ze waren beschadigd toen de back-up werd gemaakt."
            val named = listOf("Forge", "ann", "Account zonder naam", "12 andere accounts gaan open.")
            val newer = "1 account is van een soort die alleen een nieuwere Klink kent."
            assertEquals(listOf(bad) + named + newer, told.subList(told.indexOf(bad), told.indexOf(bad) + 6))
        }
    }

    @Test
    fun `a service is known by its logo, an account by the sign that was chosen`() = runSkikoComposeUiTest(Size(40f, 40f), Density(1f)) {
        val red = Surface.makeRasterN32Premul(8, 8).apply { canvas.clear(0xFFFF0000.toInt()) }.makeImageSnapshot()
        val logo = red.encodeToData(EncodedImageFormat.PNG)!!.bytes
        var icon by mutableStateOf<String?>(null)
        setContent {
            KlinkTheme(words("en"), dark = false) {
                CompositionLocalProvider(LocalPictures provides { Image.makeFromEncoded(it).toComposeImageBitmap() }) {
                    Mark("Hupra", icon, logo)
                }
            }
        }
        fun colour() = onRoot().captureToImage().toPixelMap()[30, 12]
        assertEquals(Color.Red, colour())
        icon = "globe"
        waitForIdle()
        assertNotEquals(Color.Red, colour())
    }

    /** Everything a screen reader comes by, in its order. */
    private fun SkikoComposeUiTest.heard(): List<String> {
        fun walk(node: SemanticsNode): List<String> {
            val spoken = node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty() +
                node.config.getOrNull(SemanticsProperties.Text).orEmpty().map { it.text }
            return listOfNotNull(spoken.joinToString(" ").ifEmpty { null }) + node.children.flatMap(::walk)
        }
        return walk(onRoot().fetchSemanticsNode())
    }
}
