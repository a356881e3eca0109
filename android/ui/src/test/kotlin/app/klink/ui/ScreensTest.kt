package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.absoluteOffset
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.width
import androidx.compose.material3.Text
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.asSkiaBitmap
import androidx.compose.ui.graphics.toPixelMap
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.captureToImage
import androidx.compose.ui.test.onRoot
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.v2.runSkikoComposeUiTest
import androidx.compose.ui.text.TextLayoutResult
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.dp
import java.io.File
import java.time.ZoneOffset
import java.util.Locale
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.Image

/** A small phone, in dp. */
private val PHONE = Size(360f, 800f)
/** So many colours has the plainest screen: ground, text, and what lies between them. */
private const val COLOURS = 4
private val LANGUAGES = listOf("en", "nl")

/** Every sample in both languages, both sizes of type and both themes: photographed, and looked through by rule. */
@OptIn(ExperimentalTestApi::class)
class ScreensTest {
    @Test
    fun `every screen is drawn, and nothing on it is cut off, too small, unnamed or out of reach`() {
        val faults = mutableListOf<String>()
        for (language in LANGUAGES) for (type in listOf(1f, 2f)) {
            // Going to every control takes the longest: once in each language, the longer one in the larger type.
            val touched = (language == "nl") == (type == 2f)
            show(language, type, dark = false) { name -> faults += faults(touched).map { "$name $language $type: $it" } }
        }
        assertEquals(emptyList(), faults, faults.joinToString("\n", "\n"))
    }

    @Test
    fun `every screen is drawn at night too`() {
        for (language in LANGUAGES) for (type in listOf(1f, 2f)) show(language, type, dark = true) {}
    }

    @Test
    fun `the rules find what they are for`() {
        fun found(content: @Composable () -> Unit): List<String> {
            var found = emptyList<String>()
            runSkikoComposeUiTest(PHONE, Density(1f)) {
                setContent { KlinkTheme(words("en"), dark = false) { Ground(content) } }
                found = faults()
            }
            return found.map { it.substringBefore(':') }
        }
        assertEquals(listOf("cut off"), found { Box(Modifier.width(40.dp)) { Text("cut off here", softWrap = false) } })
        assertEquals(listOf("two are called"), found { Page("t") { repeat(2) { Primary("same") {} } } }.distinct())
        assertEquals(listOf("no name"), found { SignButton(Sign.ADD, "") {} })
        assertEquals(listOf("too small"), found { Page("t") { Small(Modifier) } })
        assertEquals(listOf("too small"), found { Page("t") { Small(Modifier.fillMaxWidth()) } }, "high enough is not enough")
        assertEquals(listOf("out of reach"), found { Box(Modifier.offScreen()) { SignButton(Sign.ADD, "far") {} } })
        assertEquals(emptyList(), found { Page("t") { Primary("fine") {} } })
    }

    @Test
    fun `a screen with nothing on it is found to be blank`() {
        runSkikoComposeUiTest(PHONE, Density(1f)) {
            setContent { KlinkTheme(words("en"), dark = false) { Ground {} } }
            assertTrue(onRoot().captureToImage().colours() < COLOURS)
        }
    }

    /** Shows one sample after the other. Pictures: the first state of each screen always, every state in English by day. */
    private fun show(language: String, type: Float, dark: Boolean, each: SkikoComposeUiTest.(String) -> Unit) =
        runSkikoComposeUiTest(PHONE, Density(1f, type)) {
            var sample by mutableStateOf(SAMPLES.first())
            setContent { key(sample.name) { KlinkTheme(words(language), dark) { sample.draw(Seen()) } } }
            val screens = mutableSetOf<String>()
            val all = !dark && type == 1f && language == "en"
            for (next in SAMPLES) {
                val photographed = screens.add(next.name.substringBefore('-')) || all
                if (!photographed && dark) continue
                sample = next
                waitForIdle()
                if (photographed) {
                    val picture = onRoot().captureToImage()
                    val name = "${next.name}-$language-$type-${if (dark) "dark" else "light"}"
                    picture.save("target/screenshots/$name.png")
                    assertTrue(picture.colours() >= COLOURS, "$name is blank")
                }
                each(next.name)
            }
        }
}

/** The words of a language, at a place where the samples' times are the same everywhere. */
fun words(language: String) = CatalogueWords(Locale.forLanguageTag(language), ZoneOffset.UTC)

private fun ImageBitmap.save(path: String) = File(path).apply { parentFile.mkdirs() }
    .writeBytes(Image.makeFromBitmap(asSkiaBitmap()).encodeToData(EncodedImageFormat.PNG)!!.bytes)

private fun ImageBitmap.colours(): Int {
    val pixels = toPixelMap()
    return buildSet { for (x in 0 until width step 3) for (y in 0 until height step 3) add(pixels[x, y]) }.size
}

/** A thing to tap that is smaller than a finger. */
@Composable
private fun Small(modifier: Modifier) = Box(modifier.size(40.dp).clickable {}.semantics { contentDescription = "small" })

private fun Modifier.offScreen() = absoluteOffset(400.dp)

/** What is wrong with what is shown now; [touched] goes to every control too. */
@OptIn(ExperimentalTestApi::class)
private fun SkikoComposeUiTest.faults(touched: Boolean = true): List<String> = buildList {
    for (node in onAllNodes(texts, useUnmergedTree = true).fetchSemanticsNodes()) {
        val layout = node.layout() ?: continue
        val wide = (0 until layout.lineCount).maxOf { layout.getLineRight(it) - layout.getLineLeft(it) }
        val high = layout.getLineBottom(layout.lineCount - 1)
        val ellipsis = (0 until layout.lineCount).any(layout::isLineEllipsized)
        if (ellipsis || wide > layout.size.width + 1 || high > layout.size.height + 1) add("cut off: ${layout.layoutInput.text}")
    }
    val acting = onAllNodes(clickable).fetchSemanticsNodes()
    for ((label, nodes) in acting.groupBy { it.label() }) {
        if (label.isBlank()) add("no name: a node at ${nodes.first().boundsInRoot}")
        else if (nodes.size > 1) add("two are called: $label")
    }
    if (touched) acting.indices.forEach { at ->
        val one = onAllNodes(clickable)[at]
        if (scrolls(at)) one.performScrollTo()
        val node = one.fetchSemanticsNode()
        val root = onRoot().fetchSemanticsNode().size
        val left = node.positionInRoot.x
        val seen = node.boundsInRoot
        if (seen.width < 1f || seen.height < 1f || left < -0.5f || left + node.size.width > root.width + 0.5f) {
            add("out of reach: ${node.label()}")
            return@forEach
        }
        // What is laid out, with the room that Material keeps around a small thing; Compose's own bounds of touch are 48 dp
        // around whatever is smaller, beside or on top of what stands next to it.
        val (width, height) = node.layoutInfo.run { width to height }
        if (width < 48 || height < 48) add("too small: ${node.label()} is $width × $height")
    }
}

private val texts = SemanticsMatcher.keyIsDefined(SemanticsActions.GetTextLayoutResult)
private val clickable = SemanticsMatcher.keyIsDefined(SemanticsActions.OnClick)

@OptIn(ExperimentalTestApi::class)
private fun SkikoComposeUiTest.scrolls(at: Int): Boolean {
    var node: SemanticsNode? = onAllNodes(clickable).fetchSemanticsNodes()[at].parent
    while (node != null) {
        if (node.config.contains(SemanticsActions.ScrollBy)) return true
        node = node.parent
    }
    return false
}

private fun SemanticsNode.layout(): TextLayoutResult? = mutableListOf<TextLayoutResult>().also {
    config.getOrNull(SemanticsActions.GetTextLayoutResult)?.action?.invoke(it)
}.firstOrNull()

/** What is heard of a node: its description, else its texts. */
private fun SemanticsNode.label(): String {
    val spoken = config.getOrNull(SemanticsProperties.ContentDescription).orEmpty()
    val texts = config.getOrNull(SemanticsProperties.Text).orEmpty().map { it.text }
    val typed = config.getOrNull(SemanticsProperties.EditableText)?.text
    return (spoken + texts + listOfNotNull(typed)).joinToString(" ")
}
