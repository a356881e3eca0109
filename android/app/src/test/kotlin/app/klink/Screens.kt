package app.klink

import android.content.Intent
import android.net.Uri
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.ComposeTestRule
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.test.core.app.ActivityScenario
import app.klink.core.Decision
import app.klink.core.Outcome
import app.klink.core.Stage
import kotlinx.coroutines.runBlocking
import org.robolectric.RuntimeEnvironment
import kotlin.test.assertEquals
import kotlin.test.assertTrue

const val PASSPHRASE = "walnut harbour quilt lantern"
const val LINK = "otpauth://totp/Forge:ann?secret=JBSWY3DPEHPK3PXP&issuer=Forge"

val app: TestApp get() = RuntimeEnvironment.getApplication() as TestApp

/** How long something may take that waits for the library or the service, in milliseconds. */
private const val WAIT_MS = 30_000L

/** The window as it opens, by its icon or by [intent]. */
fun open(intent: Intent? = null): ActivityScenario<MainActivity> =
    if (intent == null) ActivityScenario.launch(MainActivity::class.java)
    else ActivityScenario.launch(intent.setClass(app, MainActivity::class.java))

/** What a browser or another app sends for a link. */
fun view(link: String): Intent = Intent(Intent.ACTION_VIEW, Uri.parse(link))

/** What the system does when the window is open already. */
fun ActivityScenario<MainActivity>.send(intent: Intent) = onActivity { activity ->
    MainActivity::class.java.getDeclaredMethod("onNewIntent", Intent::class.java).apply { isAccessible = true }.invoke(activity, intent)
}

fun ComposeTestRule.shows(what: SemanticsMatcher) = onAllNodes(what).fetchSemanticsNodes(atLeastOneRootRequired = false).isNotEmpty()

@OptIn(ExperimentalTestApi::class)
fun ComposeTestRule.seen(what: SemanticsMatcher) = try {
    waitUntil(WAIT_MS) { shows(what) }
} catch (late: Throwable) {
    throw AssertionError("${what.description} is not to be seen; there is: ${texts()}", late)
}

fun ComposeTestRule.seen(text: String) = seen(hasText(text))

fun ComposeTestRule.tap(text: String) = tap(hasText(text))

fun ComposeTestRule.tap(what: SemanticsMatcher) {
    seen(what and hasClickAction())
    onNode(what and hasClickAction()).performScrollTo().performClick()
}

fun ComposeTestRule.type(field: String, text: String) {
    seen(field)
    onNode(hasText(field)).performTextInput(text)
}

/** Keeps a picture of the window, which shows something, and all of every text. */
fun ComposeTestRule.look(window: ActivityScenario<MainActivity>, name: String) {
    window.onActivity { activity ->
        val drawn = picture(activity.window.decorView)
        keep(drawn, "app-$name")
        assertTrue(colours(drawn) >= 4, "$name is blank")
    }
    assertEquals(emptyList(), cutOff(), name)
}

/** Opens the vault of [TestApp.seed] on the screen. */
fun ComposeTestRule.unlock() {
    type("Recovery code", app.code)
    tap("Open")
}

/** Every text in sight. */
fun ComposeTestRule.texts(): List<String> = onAllNodes(SemanticsMatcher("anything") { true }, useUnmergedTree = true)
    .fetchSemanticsNodes(atLeastOneRootRequired = false).flatMap { node ->
        node.config.filter { it.key.name == "Text" }.map { it.value.toString() }
    }

/** This phone is enrolled with the reference service, and [Stage] is the page of the user [who]. */
fun enrolled(who: String): Stage {
    val stage = Stage(who)
    runBlocking {
        val core = app.parts.core
        val offer = core.offer(stage.does("offer"))
        core.checkOffer(offer.id)
        val enrolled = core.enrol(offer.id, app.device.phone)
        check(enrolled.checkNumber == stage.does("check-number"))
        stage.does("confirm")
        val number = stage.does("test")
        val asked = core.refreshChallenges().open.single()
        check(core.answer(asked.id, Decision.Approve(number)).outcome == Outcome.APPROVED)
    }
    return stage
}
