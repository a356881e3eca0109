package app.klink

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.view.View
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.junit4.ComposeTestRule
import androidx.compose.ui.text.TextLayoutResult
import java.io.File
import kotlin.math.abs

/** What [view] looks like now. */
fun picture(view: View): Bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888).also { view.draw(Canvas(it)) }

/** Keeps a picture in the build folder, for people to look at. */
fun keep(bitmap: Bitmap, name: String) {
    val file = File("target/screenshots/$name.png").apply { parentFile.mkdirs() }
    file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
}

/** How many colours a picture has, of every fifth pixel: a blank one has one. */
fun colours(bitmap: Bitmap): Int =
    buildSet { for (x in 0 until bitmap.width step 5) for (y in 0 until bitmap.height step 5) add(bitmap.getPixel(x, y)) }.size

/** As many pixels may differ from a golden picture: less than a digit has. */
const val MAY_DIFFER = 20

/** How many pixels of two pictures differ by more than a shade. */
fun differing(one: Bitmap, other: Bitmap): Int {
    if (one.width != other.width || one.height != other.height) return Int.MAX_VALUE
    val (left, right) = listOf(one, other).map { IntArray(it.width * it.height).apply { it.getPixels(this, 0, it.width, 0, 0, it.width, it.height) } }
    return left.indices.count { at -> listOf(0, 8, 16).any { shift -> abs((left[at] shr shift and 255) - (right[at] shr shift and 255)) > 16 } }
}

/** What is wrong with a picture beside the golden one of its name; with `KLINK_SNAPSHOTS=accept` it becomes that. */
fun unlikeGolden(bitmap: Bitmap, name: String): String? {
    val file = File("src/test/golden/$name.png")
    if (System.getenv("KLINK_SNAPSHOTS") == "accept") {
        file.parentFile.mkdirs()
        file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }
    val golden = BitmapFactory.decodeFile(file.path) ?: return "$name: there is none"
    val pixels = differing(golden, bitmap)
    return if (pixels <= MAY_DIFFER) null else "$name: $pixels pixels differ"
}

/** The texts that do not fit where they stand. */
fun ComposeTestRule.cutOff(): List<String> =
    onAllNodes(SemanticsMatcher.keyIsDefined(SemanticsActions.GetTextLayoutResult), useUnmergedTree = true)
        .fetchSemanticsNodes().mapNotNull { node ->
            val found = mutableListOf<TextLayoutResult>()
            node.config.getOrNull(SemanticsActions.GetTextLayoutResult)?.action?.invoke(found)
            found.firstOrNull()?.takeIf { layout ->
                val wide = (0 until layout.lineCount).maxOf { layout.getLineRight(it) - layout.getLineLeft(it) }
                wide > layout.size.width + 1 || layout.getLineBottom(layout.lineCount - 1) > layout.size.height + 1
            }?.layoutInput?.text?.text
        }
