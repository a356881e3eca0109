package app.klink.ui

import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.compositeOver
import androidx.compose.ui.graphics.luminance
import kotlin.test.Test
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** WCAG 2.2, 1.4.3 and 1.4.11. */
private fun contrast(a: Color, b: Color): Float {
    val (dark, light) = listOf(a.luminance(), b.luminance()).sorted()
    return (light + 0.05f) / (dark + 0.05f)
}

class ContrastTest {
    @Test
    fun `every text is readable on every ground`() {
        for (palette in listOf(LIGHT, DARK)) palette.run {
            for (on in listOf(ground, raised)) for (ink in listOf(text, quiet, accent, warn, danger)) {
                assertTrue(contrast(ink, on) >= 4.5f, "$ink on $on: ${contrast(ink, on)}")
            }
            assertTrue(contrast(onAccent, accent) >= 4.5f)
            assertTrue(contrast(ground, text) >= 4.5f, "the message that something was copied")
            assertTrue(contrast(accent, accent.copy(alpha = 0.12f).compositeOver(raised)) >= 4.5f, "the letter of a mark")
            for (on in listOf(ground, raised)) assertTrue(contrast(line, on) >= 3f, "the edge of a field on $on")
        }
    }

    @Test
    fun `a colour that is too faint is found`() {
        assertFalse(contrast(Color(0xFF9AA5A1), LIGHT.ground) >= 4.5f)
    }
}
