package app.klink.desktop

import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isEnabled
import androidx.compose.ui.test.onRoot
import androidx.compose.ui.test.performSemanticsAction
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.printToString
import androidx.compose.ui.test.v2.runSkikoComposeUiTest
import androidx.compose.ui.unit.Density
import app.klink.core.LockEvent
import app.klink.core.Purpose
import app.klink.core.Stage
import app.klink.core.case
import app.klink.presentation.AppEvent
import app.klink.presentation.AppModel
import app.klink.ui.App
import app.klink.ui.CatalogueWords
import app.klink.ui.KlinkTheme
import app.klink.ui.spelled
import java.io.File
import java.nio.file.Files
import java.util.Locale
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The whole journey on the screens: the real core, the real reference service, and a person who reads and taps. */
@OptIn(ExperimentalTestApi::class)
class DeskJourneyTest {
    @Test
    fun `the journey in English`() = journey("en")

    @Test
    fun `the journey in Dutch`() = journey("nl")

    private fun journey(language: String) {
        val folder = Files.createTempDirectory("desk").toFile()
        try {
            runSkikoComposeUiTest(Size(412f, 860f), Density(1f)) { Person(this, language, folder).walks() }
        } finally {
            folder.deleteRecursively()
        }
    }
}

/** Someone with the phone in one hand and the set-up page before them. */
@OptIn(ExperimentalTestApi::class)
private class Person(private val test: SkikoComposeUiTest, private val language: String, private val folder: File) {
    private val words = CatalogueWords(Locale.forLanguageTag(language))
    private val dialogs = Hands()
    private val stage = Stage("desk-$language")
    private val album = Album(File("target/journey-$language"))
    private lateinit var app: AppModel

    fun walks() {
        test.setContent {
            val scope = rememberCoroutineScope()
            app = remember { AppModel(deskPhone(folder, dialogs), scope) }
            KlinkTheme(words, dark = false) { App(app) }
        }
        app.on(AppEvent.Life(LockEvent.ENTERED_FOREGROUND))
        begins()
        adds()
        enrols()
        signsIn()
        val sheet = album.sheet("journey.png", columns = 4)
        assertTrue(sheet.length() in 1..MOST_BYTES, "too large for a page of text")
        if (language == "en" && System.getenv("KLINK_SNAPSHOTS") == "accept") sheet.copyTo(DOCUMENTED, overwrite = true)
    }

    private fun picture(name: String) = album.add(name, test.captureToImage())

    private fun begins() {
        case("$language: a passphrase is chosen, typed back, and the device allowed")
        sees("welcome_title")
        picture("first-start")
        tap("welcome_passphrase")
        type(PASSPHRASE)
        tap("next")
        sees("passphrase_again_title")
        type(PASSPHRASE)
        tap("next")
        sees("biometrics_title")
        picture("biometrics")
        tap("biometrics_allow")
        case("$language: the phone checks itself")
        tap("done")
        sees("accounts_empty")
        assertEquals(emptyList(), dialogs.asked.filter { it == Purpose.APPROVE })
    }

    private fun adds() {
        case("$language: a picture of a code is chosen, looked at, and added")
        dialogs.chosen = File(folder, "code.png").apply { writeBytes(stage.brings("picture")) }
        tap("accounts_add_first")
        tap("add_qr")
        tap("choose_picture")
        sees("scan_add")
        picture("found")
        tap("scan_add")
        tap("done")
        reads("ACME")
    }

    private fun enrols() {
        case("$language: the set-up page's link is pasted, the host shown first, then the organisation")
        tap("add")
        tap("add_work")
        tap("scan_cannot")
        type(stage.does("offer"))
        tap("next")
        sees("enrol_host_title")
        tap("enrol_connect")
        reads("Example Organisation")
        picture("organisation")
        tap("enrol_add")
        case("$language: the number on the phone is the number on the page")
        sees("enrol_check_title")
        wait("the check number") { hasContentDescription(spelled(stage.does("check-number"))) }
        picture("check-number")
        stage.does("confirm")
        case("$language: the test comes up by itself, and is approved with the page's number and a finger")
        approve(stage.does("test"), seen = false)
        sees("enrol_done_title")
        tap("done")
        reads("Example Organisation")
        picture("accounts")
    }

    private fun signsIn() {
        case("$language: a sign-in is approved the same way, and the page goes on")
        approve(stage.does("ask"), seen = true)
        assertEquals("Approved", stage.does("state"))
        case("$language: another is denied with one tap")
        stage.does("ask")
        tap("deny")
        sees("outcome_denied")
        assertEquals("Denied", stage.does("state"))
        tap("done")
        sees("accounts_title")
    }

    private fun approve(number: String, seen: Boolean) {
        val fingers = dialogs.asked.count { it == Purpose.APPROVE }
        sees("approve_number")
        for (digit in number) click(hasText("$digit"), "the key $digit")
        if (seen) picture("approve")
        tap("approve")
        sees("outcome_approved")
        if (seen) picture("approved")
        assertTrue(dialogs.asked.count { it == Purpose.APPROVE } > fingers, "nobody was asked for a finger")
        tap("done")
    }

    private fun sees(name: String) = reads(words.text(name))

    /** Waits until [text] stands somewhere, or is said of something. */
    private fun reads(text: String) =
        wait(text) { hasText(text, substring = true) or hasContentDescription(text, substring = true) }

    private fun tap(name: String) = click(hasText(words.text(name)), name)

    private fun type(text: String) {
        wait("a field") { hasSetTextAction() }
        test.onNode(hasSetTextAction()).performTextInput(text)
    }

    /** Does what a tap does, wherever on the screen it has been scrolled to. */
    private fun click(label: SemanticsMatcher, what: String) {
        val matcher = label and hasClickAction() and isEnabled()
        wait(what) { matcher }
        test.onAllNodes(matcher)[0].performSemanticsAction(SemanticsActions.OnClick)
    }

    private fun wait(what: String, matcher: () -> SemanticsMatcher) {
        val wanted = matcher()
        try {
            test.waitUntil(what, WAIT_MS) { test.onAllNodes(wanted).fetchSemanticsNodes().isNotEmpty() }
        } catch (late: androidx.compose.ui.test.ComposeTimeoutException) {
            throw AssertionError("$language: waited for $what; there is ${test.onRoot().printToString()}", late)
        }
    }

    /** Answers every dialog as its person would. */
    private class Hands : Dialogs {
        val asked = mutableListOf<Purpose>()
        var chosen: File? = null

        override fun open(many: Boolean) = listOfNotNull(chosen)

        override fun save(name: String): File? = null

        override fun present(purpose: Purpose): Boolean = synchronized(asked) { asked.add(purpose) }

        override fun copy(text: String) = Unit

        override fun uncopy(text: String) = Unit
    }

    private companion object {
        const val PASSPHRASE = "walnut harbour quilt"
        const val WAIT_MS = 20_000L

        /** The one that the documentation shows; `docs/images/README.md` names the command. */
        val DOCUMENTED = File("../../docs/images/journey.png")

        /** A picture of the documentation is at most so large. */
        const val MOST_BYTES = 300_000L
    }
}
