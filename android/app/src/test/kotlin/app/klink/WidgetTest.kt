package app.klink

import android.app.Activity
import android.appwidget.AppWidgetManager
import android.content.Intent
import android.os.Looper
import android.view.View
import android.view.View.MeasureSpec
import android.view.ViewGroup
import android.widget.TextView
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import androidx.test.core.app.ActivityScenario
import app.klink.core.PackPlan
import app.klink.platform.openPack
import java.io.File
import java.time.Duration
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** Chosen codes on the home screen: the core's pack, opened without the vault. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], application = TestApp::class, qualifiers = "w412dp-h892dp-xhdpi")
class WidgetTest {
    @get:Rule
    val compose = createEmptyComposeRule()

    private val manager get() = shadowOf(AppWidgetManager.getInstance(app))

    @Test
    fun `chosen codes show when they are tapped, with the vault locked, and hide when they end`() {
        app.seed()
        val forge = app.add(LINK)
        app.add("otpauth://totp/Harbour:ann?secret=GEZDGNBVGY3TQOJQ&issuer=Harbour")
        val widget = manager.createWidget(CodesWidget::class.java, R.layout.widget)
        settle()
        assertEquals(listOf("No codes chosen"), texts(widget))
        choose(widget) { compose.tap("Forge") }
        settle()
        app.parts.core.lock()
        settle()
        assertEquals(listOf("Forge", "••• •••"), texts(widget))
        keep(laidOut(widget), "widget-hidden")

        manager.getViewFor(widget)!!.findViewById<View>(R.id.widget_row)!!.performClick()
        settle()
        val shown = texts(widget)[1]
        app.unlock()
        val code = app.parts.core.codes(System.currentTimeMillis(), 0, listOf(forge)).rows.single().code!!.text
        assertEquals(code, shown.filter(Char::isDigit))
        keep(laidOut(widget), "widget-shown")
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(31))
        settle()
        assertEquals(listOf("Forge", "••• •••"), texts(widget))
    }

    @Test
    fun `nothing is packed that nobody chose, and what is not chosen any more goes`() {
        app.seed()
        app.add(LINK)
        val widget = manager.createWidget(CodesWidget::class.java, R.layout.widget)
        settle()
        val pack = File(app.noBackupFilesDir, "widget/codes.akw")
        assertFalse(pack.exists())
        choose(widget) { compose.tap("Forge") }
        settle()
        assertTrue(pack.exists())
        val bytes = pack.readText(Charsets.ISO_8859_1)
        assertTrue(bytes.startsWith("AKW1\n"))
        assertFalse("Forge" in bytes)
        choose(widget) { compose.tap("Forge") }
        settle()
        assertFalse(pack.exists())
        assertEquals(listOf("No codes chosen"), texts(widget))
    }

    @Test
    fun `a pack opens with its key alone, and not when a byte of it changed`() = runBlocking {
        app.seed()
        val id = app.add(LINK)
        val core = app.parts.core
        val file = File(app.cacheDir, "a.akw")
        val now = System.currentTimeMillis()
        core.writePack(file.path, PackPlan(listOf(id), 3_600_000), now)
        val (bytes, key) = file.readBytes() to core.packKey()
        val account = openPack(bytes, key)!!.accounts.single()
        assertEquals(Triple(id, "Forge", "ann"), Triple(account.id, account.issuer, account.accountName))
        for (ahead in listOf(0L, 600_000L, 3_000_000L)) {
            val code = core.codes(now + ahead, 0, listOf(id)).rows.single().code!!
            assertEquals(code.text to code.validUntilMs, account.at(now + ahead))
        }
        assertNull(account.at(now + 2 * 3_600_000))
        assertNull(account.at(now - 60_000))
        assertNull(openPack(bytes, ByteArray(32)))
        for (place in listOf(0, 6, 20, bytes.lastIndex)) {
            val changed = bytes.copyOf().also { it[place] = (it[place].toInt() xor 1).toByte() }
            assertNull(openPack(changed, key), "byte $place")
        }
        assertNull(openPack(ByteArray(3), key))
    }

    @Test
    fun `while the vault is locked nothing can be chosen`() {
        app.seed()
        app.add(LINK)
        app.parts.core.lock()
        ActivityScenario.launch<WidgetActivity>(Intent(app, WidgetActivity::class.java)).use {
            compose.seen("Open Klink and unlock it, then choose the codes.")
            assertFalse(compose.shows(hasText("Forge")))
        }
    }

    private fun choose(widget: Int, how: () -> Unit) {
        val intent = Intent(app, WidgetActivity::class.java).putExtra(AppWidgetManager.EXTRA_APPWIDGET_ID, widget)
        ActivityScenario.launchActivityForResult<WidgetActivity>(intent).use { window ->
            how()
            compose.tap("Save")
            assertEquals(Activity.RESULT_OK, window.result.resultCode)
        }
    }

    private fun texts(widget: Int): List<String> = manager.getViewFor(widget)!!.texts()

    private fun View.texts(): List<String> = when {
        visibility != View.VISIBLE -> emptyList()
        this is ViewGroup -> (0 until childCount).flatMap { getChildAt(it).texts() }
        this is TextView -> listOf(text.toString())
        else -> emptyList()
    }

    private fun laidOut(widget: Int) = manager.getViewFor(widget)!!.run {
        measure(MeasureSpec.makeMeasureSpec(500, MeasureSpec.EXACTLY), MeasureSpec.makeMeasureSpec(300, MeasureSpec.EXACTLY))
        layout(0, 0, measuredWidth, measuredHeight)
        picture(this).also { assertTrue(colours(it) >= 3, "the widget is blank") }
    }

    private fun settle() = repeat(15) {
        shadowOf(Looper.getMainLooper()).idle()
        Thread.sleep(40)
    }
}
