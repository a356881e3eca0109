package app.klink

import android.graphics.Bitmap
import androidx.activity.ComponentActivity
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Text
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.test.junit4.AndroidComposeTestRule
import androidx.compose.ui.test.junit4.v2.createAndroidComposeRule
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.dp
import app.klink.ui.KlinkTheme
import app.klink.ui.SAMPLES
import app.klink.ui.Seen
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The screens as Android draws them, with its own fonts: photographed, and every text inside its bounds. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w360dp-h800dp-hdpi", application = android.app.Application::class)
class PicturesTest {
    @get:Rule
    val compose = createAndroidComposeRule<ComponentActivity>()

    @Test
    fun `in English`() = photograph("en")

    @Test
    @Config(qualifiers = "+nl")
    fun `in Dutch`() = photograph("nl")

    @Test
    fun `control - a text that is cut off, and a blank picture, are found`() {
        var cut by mutableStateOf(true)
        val words = ResourceWords(compose.activity.resources)
        compose.setContent { KlinkTheme(words) { if (cut) Box(Modifier.size(40.dp, 12.dp)) { Text("a text that does not fit here", softWrap = false) } } }
        compose.waitForIdle()
        assertEquals(listOf("a text that does not fit here"), compose.cutOff())
        cut = false
        compose.waitForIdle()
        assertEquals(emptyList(), compose.cutOff())
        assertEquals(1, photographed("control-blank"))
    }

    @Test
    fun `control - one digit that is another is seen beside a golden picture`() {
        var digits by mutableStateOf("287 082")
        compose.setContent { KlinkTheme(ResourceWords(compose.activity.resources)) { Text(digits) } }
        compose.waitForIdle()
        val golden = compose.window { it }
        assertEquals(0, differing(golden, compose.window { it }))
        digits = "287 083"
        compose.waitForIdle()
        assertTrue(differing(golden, compose.window { it }) > MAY_DIFFER)
    }

    /** Some screens on which nothing moves, by day in English and by night in Dutch. */
    private fun isGolden(sample: String, size: Float, night: Boolean, language: String) =
        sample.substringBefore('-') in GOLDEN && size == 1f && night == (language == "nl")

    private fun photograph(language: String) {
        val screens = mutableSetOf<String>()
        val first = SAMPLES.filter { screens.add(it.name.substringBefore('-')) }
        var sample by mutableStateOf(first[0])
        var dark by mutableStateOf(false)
        var type by mutableStateOf(1f)
        val words = ResourceWords(compose.activity.resources)
        // A countdown would be drawn to its end before each picture.
        compose.mainClock.autoAdvance = false
        compose.setContent {
            CompositionLocalProvider(LocalDensity provides Density(LocalDensity.current.density, type)) {
                key(sample.name) { KlinkTheme(words, dark) { sample.draw(Seen()) } }
            }
        }
        val (cut, changed) = mutableListOf<String>() to mutableListOf<String>()
        for (next in first) for (size in listOf(1f, 2f)) for (night in listOf(false, true)) {
            sample = next
            type = size
            dark = night
            compose.mainClock.advanceTimeBy(SETTLED_MS)
            val name = "${next.name}-$language-$size-${if (night) "dark" else "light"}"
            cut += compose.cutOff().map { "$name: $it" }
            assertTrue(photographed(name) >= 4, "$name is blank")
            if (isGolden(next.name, size, night, language)) changed += listOfNotNull(compose.window { unlikeGolden(it, name) })
        }
        assertEquals(emptyList<String>(), cut)
        assertEquals(emptyList<String>(), changed, "screens look otherwise than in src/test/golden; is it meant, accept it")
    }

    /** Keeps a picture of the window, and counts its colours. */
    private fun photographed(name: String): Int = compose.window { keep(it, name); colours(it) }

    private fun <T> AndroidComposeTestRule<*, ComponentActivity>.window(look: (Bitmap) -> T): T =
        runOnUiThread { look(picture(activity.window.decorView)) }

    private companion object {
        /** Longer than anything that moves but a countdown. */
        const val SETTLED_MS = 400L

        /** Samples whose pictures are kept and compared, by the first word of their names. */
        val GOLDEN = setOf("first", "groups", "settings")
    }
}
