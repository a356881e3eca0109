package app.klink.ui

import androidx.compose.foundation.Canvas
import androidx.compose.foundation.border
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.StrokeCap
import androidx.compose.ui.graphics.drawscope.Stroke
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.unit.dp
import app.klink.presentation.Frames

/** Draws what the camera sees and hands its frames over; `null` where there is no camera. */
val LocalCamera = staticCompositionLocalOf<(@Composable (Frames, Modifier) -> Unit)?> { null }

/** The camera's picture in a square, with the sign of a code where there is no camera. */
@Composable
fun Viewfinder(frames: Frames) {
    val camera = LocalCamera.current
    val label = say("viewfinder")
    Surface(
        Modifier.fillMaxWidth().aspectRatio(1f).clip(MaterialTheme.shapes.medium)
            .border(1.dp, MaterialTheme.colorScheme.outlineVariant, MaterialTheme.shapes.medium)
            .clearAndSetSemantics { contentDescription = label },
        color = MaterialTheme.colorScheme.surfaceContainer,
    ) {
        if (camera != null) camera(frames, Modifier.fillMaxSize())
        else Box(Modifier.padding(48.dp), Alignment.Center) {
            Icon(Sign.SCAN.lines, null, Modifier.fillMaxSize(), MaterialTheme.colorScheme.outline)
        }
    }
}

/** The mark of Klink: a ring, held by a bar at three o'clock. The numbers are those of `icon.py`. */
@Composable
fun Latch() {
    val color = MaterialTheme.colorScheme.primary
    Canvas(Modifier.size(72.dp).clearAndSetSemantics {}) {
        val unit = size.width / 28f
        drawArc(
            color, 0f, 360f, false, Offset(3.5f * unit, 4.5f * unit), Size(19f * unit, 19f * unit),
            style = Stroke(4f * unit),
        )
        drawLine(color, Offset(17f * unit, 14f * unit), Offset(28f * unit, 14f * unit), 5f * unit, StrokeCap.Butt)
    }
}
