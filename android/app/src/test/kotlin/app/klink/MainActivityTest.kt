package app.klink

import android.content.ClipDescription
import android.content.ClipboardManager
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Color
import android.net.Uri
import android.os.Bundle
import android.os.Looper
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import app.klink.core.Account
import app.klink.core.Stage
import app.klink.core.qrCode
import app.klink.platform.service
import app.klink.presentation.Screen
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.time.Duration
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** The app as a phone runs it, with the real core. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], application = TestApp::class, qualifiers = "w412dp-h892dp-xhdpi")
class MainActivityTest {
    @get:Rule
    val compose = createEmptyComposeRule()

    @Test
    fun `from the first start over a link to a code that was copied, and is taken back`() {
        open(view(LINK)).use { window ->
            compose.tap("Choose a passphrase")
            compose.type("Passphrase", PASSPHRASE)
            compose.seen("Hard to guess")
            compose.look(window, "passphrase")
            compose.tap("Next")
            compose.seen("Type it once more")
            compose.type("Passphrase", PASSPHRASE)
            compose.tap("Next")
            compose.seen(hasText("Not now") or hasText("Check again"))
            if (compose.shows(hasText("Not now"))) compose.tap("Not now")
            compose.seen("Check again")
            compose.tap("Done")
            compose.seen("Add an account")
            window.send(view(LINK))
            compose.seen("Add this account?")
            compose.look(window, "link")
            assertEquals(emptyList<Account>(), app.parts.core.accounts(), "a link adds nothing by itself")
            compose.tap("Add this account")
            compose.seen("Account added")
            compose.tap("Done")
            compose.tap(hasContentDescription("Forge ann, ", substring = true))
            compose.seen(hasContentDescription("Copied"))
            compose.look(window, "copied")
            val clipboard = app.service<ClipboardManager>()
            val clip = clipboard.primaryClip!!
            assertTrue(clip.description.extras.getBoolean(ClipDescription.EXTRA_IS_SENSITIVE))
            assertTrue(Regex("[0-9]{6}").matches(clip.getItemAt(0).text))
            shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(60))
            assertFalse(clipboard.hasPrimaryClip())
        }
    }

    @Test
    fun `links, shared texts and shared pictures lead to the same question`() {
        app.seed()
        val picture = Uri.parse("content://other/picture")
        val ways = listOf(
            view(LINK),
            Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, LINK),
            Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, picture),
        )
        for (way in ways) {
            shadowOf(app.contentResolver).registerInputStream(picture, ByteArrayInputStream(png(LINK)))
            open(way).use { compose.seen("Add this account?") }
        }
        open().use { window ->
            for (way in ways) {
                shadowOf(app.contentResolver).registerInputStream(picture, ByteArrayInputStream(png(LINK)))
                window.send(way)
                compose.seen("Add this account?")
                window.send(Intent().setAction(MainActivity.SEARCH))
                compose.seen("Add an account")
            }
            window.send(view("pushenrol://nowhere"))
            compose.seen("This code cannot be used")
            assertIs<Screen.Enrol>(app.parts.model.state.value.screen)
        }
        assertEquals(emptyList<Account>(), app.parts.core.accounts())
    }

    @Test
    fun `a link waits behind the lock`() {
        app.seed()
        app.parts.core.lock()
        open(view(LINK)).use {
            compose.unlock()
            compose.seen("Add this account?")
        }
    }

    @Test
    fun `an export of another app is collected from its link`() {
        app.seed()
        val link = String(Stage("collector").brings("export/1"))
        assertTrue(link.startsWith("otpauth-migration://"))
        open(view(link)).use { compose.seen("Part 1 of 2") }
    }

    @Test
    fun `a rotation keeps what is shown, and the window stays secret until pictures are allowed`() {
        open().use { window ->
            compose.tap("Choose a passphrase")
            compose.seen("Passphrase")
            window.recreate()
            compose.seen("Passphrase")
            assertEquals(FLAG_SECURE, window.flags())
            RuntimeEnvironment.setQualifiers("+land")
            compose.seen("Passphrase")
            compose.look(window, "turned")
            assertEquals(FLAG_SECURE, window.flags())
        }
    }

    @Test
    fun `a process that was ended begins again behind the lock, with everything that was kept`() {
        app.seed()
        app.add(LINK)
        val kept = Bundle()
        val first = Robolectric.buildActivity(MainActivity::class.java).setup()
        compose.seen(hasContentDescription("Forge ann, ", substring = true))
        first.pause().stop().saveInstanceState(kept).destroy()
        app.die()
        val next = Robolectric.buildActivity(MainActivity::class.java).setup(kept)
        assertIs<Screen.Unlock>(app.parts.model.state.value.screen)
        assertFalse(compose.shows(hasText("Forge")))
        compose.unlock()
        compose.seen(hasContentDescription("Forge ann, ", substring = true))
        next.pause().stop().destroy()
    }

    @Test
    @Config(qualifiers = "+nl-night")
    fun `the app speaks Dutch by night`() {
        open().use { window ->
            compose.seen("Welkom bij Klink")
            compose.seen("Kies een wachtzin")
            compose.look(window, "dutch-night")
            window.onActivity { assertTrue(Color.luminance(picture(it.window.decorView).getPixel(5, 400)) < 0.1f) }
        }
    }

    @Test
    fun `links, shared texts and pictures find the app, other links do not`() {
        val found = listOf(
            view(LINK), view("otpauth-migration://offline?data=x"), view("pushenrol://x"), view("pia://x"), view("edumfa-push://x"),
            Intent(Intent.ACTION_SEND).setType("text/plain"), Intent(Intent.ACTION_SEND).setType("image/png"),
        ).map { app.packageManager.queryIntentActivities(it.addCategory(Intent.CATEGORY_DEFAULT), 0).size }
        assertEquals(List(7) { 1 }, found)
        assertEquals(0, app.packageManager.queryIntentActivities(view("https://example.org").addCategory(Intent.CATEGORY_DEFAULT), 0).size)
    }

    private fun androidx.test.core.app.ActivityScenario<MainActivity>.flags(): Int {
        var flags = 0
        onActivity { flags = it.window.attributes.flags and FLAG_SECURE }
        return flags
    }

    /** A picture of the QR code of [text], as another app shares one. */
    private fun png(text: String): ByteArray {
        val code = qrCode(text)!!
        val (scale, edge) = 4 to 4
        val size = (code.size + 2 * edge) * scale
        val bitmap = Bitmap.createBitmap(size, size, Bitmap.Config.ARGB_8888)
        for (x in 0 until size) for (y in 0 until size) {
            val (column, row) = x / scale - edge to y / scale - edge
            val dark = column in 0 until code.size && row in 0 until code.size && code.modules[row * code.size + column].toInt() != 0
            bitmap.setPixel(x, y, if (dark) Color.BLACK else Color.WHITE)
        }
        return ByteArrayOutputStream().also { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }.toByteArray()
    }
}
