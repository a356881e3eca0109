package app.klink.ui

import androidx.compose.foundation.Canvas
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.widthIn
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableIntStateOf
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.unit.dp
import app.klink.core.QrCode
import kotlin.math.ceil
import kotlinx.coroutines.delay

/** [code] with its quiet zone, black on white whatever the theme: cameras want it so. [label] is what is heard. */
@Composable
fun QrPicture(code: QrCode, label: String) = Box(Modifier.fillMaxWidth(), Alignment.Center) {
    Canvas(Modifier.widthIn(max = 360.dp).fillMaxWidth().aspectRatio(1f).clearAndSetSemantics { contentDescription = label }) {
        val unit = size.width / (code.size + 2 * QUIET)
        drawRect(Color.White)
        for (y in 0 until code.size) for (x in 0 until code.size) if (code.modules[y * code.size + x] != 0.toByte()) {
            // Whole pixels, so that no line of the ground shows between two modules.
            val at = Offset(((x + QUIET) * unit).toInt().toFloat(), ((y + QUIET) * unit).toInt().toFloat())
            drawRect(Color.Black, at, Size(ceil(unit), ceil(unit)))
        }
    }
}

/** Several codes one after the other, by themselves or one by one. */
@Composable
fun QrPages(codes: List<QrCode>) {
    if (codes.isEmpty()) return
    var at by remember(codes) { mutableIntStateOf(0) }
    var playing by remember { mutableStateOf(codes.size > 1) }
    if (playing) LaunchedEffect(codes) {
        while (true) {
            delay(PAGE_MS)
            at = (at + 1) % codes.size
        }
    }
    QrPicture(codes[at], say("qr_page", at + 1, codes.size))
    if (codes.size == 1) return
    Heading(say("qr_page", at + 1, codes.size), Modifier.clearAndSetSemantics {})
    val turn = { by: Int ->
        playing = false
        at = (at + by + codes.size) % codes.size
    }
    Pair({ Secondary(say("qr_before")) { turn(-1) } }, { Secondary(say("qr_after")) { turn(1) } })
    Switched(say("qr_play"), playing) { playing = it }
}

/** Modules of white around a code (ISO/IEC 18004). */
private const val QUIET = 4

/** So long a code is shown: a camera needs half of it. */
private const val PAGE_MS = 1_500L
