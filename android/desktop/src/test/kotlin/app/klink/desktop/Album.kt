package app.klink.desktop

import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.asSkiaBitmap
import java.io.File
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.Image
import org.jetbrains.skia.Rect
import org.jetbrains.skia.SamplingMode
import org.jetbrains.skia.Surface

/** The pictures of one journey, in [folder], and all of them on one sheet. */
internal class Album(private val folder: File) {
    private val pictures = mutableListOf<Image>()

    init {
        folder.mkdirs()
    }

    /** Keeps a picture; a blank one is a mistake. */
    fun add(name: String, bitmap: ImageBitmap) {
        val image = Image.makeFromBitmap(bitmap.asSkiaBitmap())
        check(colours(bitmap) > 2) { "$name is blank" }
        pictures += image
        write(File(folder, "${pictures.size}-$name.png"), image)
    }

    /** Puts the pictures side by side, [columns] in a row, at half their size. */
    fun sheet(name: String, columns: Int): File {
        val (width, height) = pictures.first().width / 2 to pictures.first().height / 2
        val rows = (pictures.size + columns - 1) / columns
        val surface = Surface.makeRasterN32Premul(columns * (width + GAP) + GAP, rows * (height + GAP) + GAP)
        surface.canvas.clear(GROUND)
        pictures.forEachIndexed { n, picture ->
            val (left, top) = GAP + n % columns * (width + GAP) to GAP + n / columns * (height + GAP)
            val place = Rect.makeXYWH(left.toFloat(), top.toFloat(), width.toFloat(), height.toFloat())
            val whole = Rect.makeWH(picture.width.toFloat(), picture.height.toFloat())
            surface.canvas.drawImageRect(picture, whole, place, SamplingMode.MITCHELL, null, true)
        }
        return File(folder, name).also { write(it, surface.makeImageSnapshot()) }
    }

    private fun write(file: File, image: Image) =
        file.writeBytes(checkNotNull(image.encodeToData(EncodedImageFormat.PNG)) { "a picture can be written" }.bytes)

    private fun colours(bitmap: ImageBitmap): Int {
        val pixels = IntArray(bitmap.width * bitmap.height)
        bitmap.readPixels(pixels)
        return pixels.toSet().size
    }

    private companion object {
        const val GAP = 16
        const val GROUND = 0xFFDDE3DF.toInt()
    }
}
