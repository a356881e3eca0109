package app.klink.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.RowScope
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawing
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.layout.WindowInsets
import androidx.compose.foundation.layout.windowInsetsPadding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.Dp
import androidx.compose.ui.unit.dp

/** Columns of text are no wider than this, on whatever screen. */
private val COLUMN: Dp = 560.dp

/**
 * One screen: the way back, [above] the title what must be read before it, one large title, what it is about, and at the end what to do. Everything scrolls as one, so
 * that the buttons are reached in any size of type; where there is room they stand at the bottom, under the thumb.
 */
@Composable
fun Page(
    title: String,
    onBack: (() -> Unit)? = null,
    actions: @Composable RowScope.() -> Unit = {},
    above: @Composable ColumnScope.() -> Unit = {},
    end: @Composable ColumnScope.() -> Unit = {},
    content: @Composable ColumnScope.() -> Unit,
) = Ground {
    BoxWithConstraints(Modifier.fillMaxSize(), contentAlignment = Alignment.TopCenter) {
        val height = maxHeight
        Column(
            Modifier.fillMaxWidth().verticalScroll(rememberScrollState()).heightIn(min = height),
            verticalArrangement = Arrangement.SpaceBetween,
            horizontalAlignment = Alignment.CenterHorizontally,
        ) {
            Column(Modifier.widthIn(max = COLUMN).fillMaxWidth().padding(bottom = 24.dp)) {
                Bar(onBack, actions)
                Column(
                    Modifier.fillMaxWidth().padding(horizontal = 24.dp),
                    verticalArrangement = Arrangement.spacedBy(16.dp),
                ) {
                    above()
                    Title(title)
                    content()
                }
            }
            Column(
                Modifier.widthIn(max = COLUMN).fillMaxWidth().padding(horizontal = 24.dp).padding(bottom = 24.dp),
                verticalArrangement = Arrangement.spacedBy(8.dp),
                horizontalAlignment = Alignment.CenterHorizontally,
                content = end,
            )
        }
    }
}

/** The ground under every screen, up to the edges; what is drawn on it keeps clear of bars, cutouts and keyboard. */
@Composable
fun Ground(content: @Composable () -> Unit) =
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        Box(Modifier.windowInsetsPadding(WindowInsets.safeDrawing)) { content() }
    }

/** The line above the title: back at the start, [actions] at the end. */
@Composable
fun Bar(onBack: (() -> Unit)?, actions: @Composable RowScope.() -> Unit = {}) = Row(
    Modifier.fillMaxWidth().heightIn(min = 56.dp).padding(horizontal = 8.dp),
    verticalAlignment = Alignment.CenterVertically,
) {
    if (onBack != null) SignButton(Sign.BACK, say("back"), onBack)
    Spacer(Modifier.weight(1f))
    actions()
}

/** The one large title of a screen. */
@Composable
fun Title(text: String, modifier: Modifier = Modifier) =
    Text(text, modifier.semantics { heading() }, style = MaterialTheme.typography.headlineLarge)

/** A title inside a screen. */
@Composable
fun Heading(text: String, modifier: Modifier = Modifier) =
    Text(text, modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)

/** A button that is a sign alone; [label] is what it does, for those who hear the screen. */
@Composable
fun SignButton(sign: Sign, label: String, onClick: () -> Unit) =
    IconButton(onClick) { Icon(sign.lines, contentDescription = label) }

/** Two answers of the same width: beside each other, or one above the other where the type is large. */
@Composable
fun Pair(first: @Composable () -> Unit, second: @Composable () -> Unit) {
    if (LocalDensity.current.fontScale > LARGE_TYPE) Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
        second()
        first()
    } else Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
        Box(Modifier.weight(1f)) { first() }
        Box(Modifier.weight(1f)) { second() }
    }
}

/** From this size of type on, what stands beside something goes below it. */
const val LARGE_TYPE = 1.3f
