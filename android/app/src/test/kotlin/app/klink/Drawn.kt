package app.klink

import android.graphics.Bitmap
import android.graphics.Canvas
import android.view.View
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.junit4.ComposeTestRule
import androidx.compose.ui.text.TextLayoutResult
import java.io.File

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
