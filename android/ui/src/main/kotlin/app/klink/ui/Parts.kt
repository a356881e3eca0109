package app.klink.ui

import androidx.compose.foundation.BorderStroke
import androidx.compose.foundation.Canvas
import androidx.compose.foundation.background
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.RowScope
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.width
import androidx.compose.foundation.selection.toggleable
import androidx.compose.foundation.shape.CircleShape
import androidx.compose.material3.Button
import androidx.compose.material3.ButtonDefaults
import androidx.compose.material3.Checkbox
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.StrokeCap
import androidx.compose.ui.graphics.drawscope.Stroke
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.Dp
import androidx.compose.ui.unit.dp

/** The one thing to do on a screen. */
@Composable
fun Primary(text: String, enabled: Boolean = true, onClick: () -> Unit) = Button(
    onClick, Modifier.fillMaxWidth().heightIn(min = 56.dp), enabled, shape = MaterialTheme.shapes.medium,
    colors = ButtonDefaults.buttonColors(
        disabledContainerColor = MaterialTheme.colorScheme.surfaceContainer,
        disabledContentColor = MaterialTheme.colorScheme.onSurfaceVariant,
    ),
) { Text(text, style = MaterialTheme.typography.titleMedium, textAlign = TextAlign.Center) }

/** The other thing to do: as wide, not as loud. */
@Composable
fun Secondary(text: String, enabled: Boolean = true, onClick: () -> Unit) = OutlinedButton(
    onClick, Modifier.fillMaxWidth().heightIn(min = 56.dp), enabled, shape = MaterialTheme.shapes.medium,
    border = BorderStroke(1.dp, MaterialTheme.colorScheme.outline),
    colors = ButtonDefaults.outlinedButtonColors(contentColor = MaterialTheme.colorScheme.primary),
) { Text(text, style = MaterialTheme.typography.titleMedium, textAlign = TextAlign.Center) }

/** A way out that is only text; [danger] when it takes something away. */
@Composable
fun Quiet(text: String, danger: Boolean = false, onClick: () -> Unit) = TextButton(
    onClick, Modifier.heightIn(min = 48.dp), shape = MaterialTheme.shapes.medium,
    colors = ButtonDefaults.textButtonColors(
        contentColor = if (danger) MaterialTheme.colorScheme.error else MaterialTheme.colorScheme.primary,
    ),
) { Text(text, textAlign = TextAlign.Center, style = MaterialTheme.typography.bodyLarge) }

/** A paragraph. */
@Composable
fun Body(text: String, modifier: Modifier = Modifier) = Text(text, modifier, style = MaterialTheme.typography.bodyLarge)

/** A paragraph that stands back. */
@Composable
fun Aside(text: String, modifier: Modifier = Modifier) = Text(
    text, modifier, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium,
)

/** How much a [Notice] weighs; each has a sign, so that colour is never alone. */
enum class Weight(val sign: Sign) { INFO(Sign.INFO), GOOD(Sign.CHECK), WARN(Sign.WARN), DANGER(Sign.DANGER) }

/** What must be known now, read aloud when it appears, with at most one button that mends it. */
@Composable
fun Notice(weight: Weight, text: String, action: String? = null, onAction: () -> Unit = {}) = Surface(
    Modifier.fillMaxWidth(), shape = MaterialTheme.shapes.medium, color = MaterialTheme.colorScheme.surfaceContainer,
    contentColor = MaterialTheme.colorScheme.onSurface,
) {
    Column(Modifier.padding(16.dp)) {
        Row(horizontalArrangement = Arrangement.spacedBy(12.dp)) {
            Icon(weight.sign.lines, contentDescription = null, tint = weight.color())
            Text(
                text, Modifier.weight(1f).semantics { liveRegion = LiveRegionMode.Polite },
                color = if (weight == Weight.INFO) MaterialTheme.colorScheme.onSurface else weight.color(),
                style = MaterialTheme.typography.bodyLarge,
            )
        }
        if (action != null) Box(Modifier.align(Alignment.End)) { Quiet(action, onClick = onAction) }
    }
}

@Composable
private fun Weight.color(): Color = when (this) {
    Weight.INFO, Weight.GOOD -> MaterialTheme.colorScheme.primary
    Weight.WARN -> MaterialTheme.colorScheme.tertiary
    Weight.DANGER -> MaterialTheme.colorScheme.error
}

/** One fact with its sign: where, with what, when. */
@Composable
fun Fact(sign: Sign, text: String) = Row(
    Modifier.fillMaxWidth(), Arrangement.spacedBy(12.dp), Alignment.CenterVertically,
) {
    Icon(sign.lines, contentDescription = null, Modifier.size(22.dp), MaterialTheme.colorScheme.onSurfaceVariant)
    Text(text, Modifier.weight(1f), style = MaterialTheme.typography.bodyLarge)
}

/** A line that leads on, switches or ticks: sign, what it is, what it says now, and [end]. */
@Composable
fun Line(
    text: String,
    modifier: Modifier = Modifier,
    sign: Sign? = null,
    below: String? = null,
    danger: Boolean = false,
    start: (@Composable () -> Unit)? = null,
    end: @Composable RowScope.() -> Unit = {},
) = Row(
    modifier.fillMaxWidth().heightIn(min = 56.dp).padding(vertical = 8.dp),
    Arrangement.spacedBy(16.dp), Alignment.CenterVertically,
) {
    val color = if (danger) MaterialTheme.colorScheme.error else MaterialTheme.colorScheme.onSurface
    if (start != null) start()
    else if (sign != null) Icon(sign.lines, null, tint = if (danger) color else MaterialTheme.colorScheme.primary)
    Column(Modifier.weight(1f)) {
        Text(text, color = color, style = MaterialTheme.typography.bodyLarge)
        if (!below.isNullOrEmpty()) Aside(below)
    }
    end()
}

/** A [Line] that leads to another screen. */
@Composable
fun Leads(
    text: String, sign: Sign? = null, below: String? = null, danger: Boolean = false, start: (@Composable () -> Unit)? = null,
    onClick: () -> Unit,
) =
    Line(text, Modifier.clip(MaterialTheme.shapes.medium).clickable(role = Role.Button, onClick = onClick), sign, below, danger, start) {
        if (!danger) Icon(Sign.SMALL_RIGHT.lines, null, Modifier.size(20.dp), MaterialTheme.colorScheme.onSurfaceVariant)
    }

/** A [Line] with a switch; all of it can be tapped. */
@Composable
fun Switched(text: String, on: Boolean, below: String? = null, onChange: (Boolean) -> Unit) = Line(
    text, Modifier.clip(MaterialTheme.shapes.medium).toggleable(on, role = Role.Switch, onValueChange = onChange),
    below = below,
) { Switch(on, onCheckedChange = null) }

/** A [Line] with a box to tick. */
@Composable
fun Ticked(text: String, on: Boolean, below: String? = null, enabled: Boolean = true, onChange: (Boolean) -> Unit) = Line(
    text,
    Modifier.clip(MaterialTheme.shapes.medium).toggleable(on, enabled, role = Role.Checkbox, onValueChange = onChange),
    below = below,
) { Checkbox(on, onCheckedChange = null, enabled = enabled) }

/** A card: what belongs together, raised from the ground. */
@Composable
fun Card(content: @Composable () -> Unit) = Surface(
    Modifier.fillMaxWidth(), shape = MaterialTheme.shapes.medium, color = MaterialTheme.colorScheme.surfaceContainer,
    contentColor = MaterialTheme.colorScheme.onSurface,
) { Column(Modifier.padding(16.dp), Arrangement.spacedBy(12.dp)) { content() } }

/** The ring around the remaining time, [left] from 1 to 0; in the warning colour when it ends soon. */
@Composable
fun Ring(left: Float, soon: Boolean, size: Dp = 28.dp) {
    val rest = MaterialTheme.colorScheme.outlineVariant
    val color = if (soon) MaterialTheme.colorScheme.tertiary else MaterialTheme.colorScheme.primary
    Canvas(Modifier.size(size).clearAndSetSemantics {}) {
        val width = 3.dp.toPx()
        val at = Offset(width / 2, width / 2)
        val box = Size(this.size.width - width, this.size.height - width)
        drawArc(rest, 0f, 360f, false, at, box, style = Stroke(width))
        drawArc(color, -90f, -360f * left.coerceIn(0f, 1f), false, at, box, style = Stroke(width, cap = StrokeCap.Round))
    }
}

/** Room between two things. */
@Composable
fun RowScope.Gap(width: Dp = 8.dp) = Spacer(Modifier.width(width))
