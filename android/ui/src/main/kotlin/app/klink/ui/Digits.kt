package app.klink.ui

import androidx.compose.foundation.BorderStroke
import androidx.compose.foundation.focusable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.material3.FilledTonalButton
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.input.key.KeyEventType
import androidx.compose.ui.input.key.key
import androidx.compose.ui.input.key.onKeyEvent
import androidx.compose.ui.input.key.type
import androidx.compose.ui.input.key.utf16CodePoint
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.TextStyle
import androidx.compose.ui.unit.dp

/** [code] in groups, as it is shown: 3+3, 4+4, and what has no even halves as it is. */
fun grouped(code: String): String = when (code.length) {
    6 -> code.chunked(3)
    8 -> code.chunked(4)
    else -> listOf(code)
}.joinToString(" ")

/** [code] as it is spoken: one character after the other, so that no voice makes a number of it. */
fun spelled(code: String): String = code.toCharArray().joinToString(" ")

/** A code as large digits, spoken one by one. */
@Composable
fun CodeText(code: String, style: TextStyle, modifier: Modifier = Modifier, color: Color = Color.Unspecified) {
    val spoken = spelled(code)
    Text(
        grouped(code), modifier.semantics { contentDescription = spoken }, color,
        style = style.merge(TABULAR), softWrap = true,
    )
}

/**
 * Where [digits] digits are typed: boxes that fill up, and a keypad of its own below them. A keyboard works too. The
 * keypad and the boxes are one field to those who hear the screen: it says which digits stand in it.
 */
@OptIn(ExperimentalLayoutApi::class)
@Composable
fun NumberField(label: String, value: String, digits: Int, onValue: (String) -> Unit) {
    val type = { key: Char -> if (value.length < digits) onValue(value + key) }
    val erase = { if (value.isNotEmpty()) onValue(value.dropLast(1)) }
    val spoken = "$label. ${spelled(value).ifEmpty { say("number_empty") }}"
    Column(
        Modifier.fillMaxWidth().onKeyEvent { event ->
            val typed = event.utf16CodePoint.toChar()
            when {
                event.type != KeyEventType.KeyDown -> false
                event.key == Key.Backspace -> true.also { erase() }
                typed in '0'..'9' -> true.also { type(typed) }
                else -> false
            }
        }.focusable(),
        Arrangement.spacedBy(16.dp), Alignment.CenterHorizontally,
    ) {
        val boxes = @Composable { repeat(digits) { DigitBox(value.getOrNull(it), next = it == value.length) } }
        val heard = Modifier.fillMaxWidth().clearAndSetSemantics { contentDescription = spoken }
        if (digits <= BESIDE && LocalDensity.current.fontScale <= LARGE_TYPE) {
            Row(heard, Arrangement.spacedBy(8.dp), Alignment.CenterVertically) {
                Heading(label, Modifier.weight(1f))
                boxes()
            }
        } else FlowRow(heard, Arrangement.spacedBy(8.dp), Arrangement.spacedBy(8.dp)) {
            Heading(label, Modifier.fillMaxWidth())
            boxes()
        }
        Column(Modifier.widthIn(max = 340.dp), Arrangement.spacedBy(8.dp)) {
            for (row in listOf("123", "456", "789")) Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
                for (key in row) Key(Modifier.weight(1f), { type(key) }) { DigitLabel(key) }
            }
            Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
                Box(Modifier.weight(1f))
                Key(Modifier.weight(1f), { type('0') }) { DigitLabel('0') }
                Key(Modifier.weight(1f), erase) { Icon(Sign.ERASE.lines, say("erase_digit")) }
            }
        }
    }
}

/** So many boxes fit beside their label on the narrowest phone. */
private const val BESIDE = 2

@Composable
private fun DigitBox(digit: Char?, next: Boolean) = Surface(
    shape = MaterialTheme.shapes.medium, color = MaterialTheme.colorScheme.background,
    border = BorderStroke(
        if (next) 2.dp else 1.dp,
        if (next) MaterialTheme.colorScheme.primary else MaterialTheme.colorScheme.outline,
    ),
) {
    Text(
        digit?.toString() ?: " ", Modifier.padding(horizontal = 16.dp, vertical = 8.dp),
        style = MaterialTheme.typography.headlineLarge.merge(TABULAR),
    )
}

@Composable
private fun Key(modifier: Modifier, onClick: () -> Unit, content: @Composable () -> Unit) =
    FilledTonalButton(onClick, modifier.heightIn(min = 48.dp), shape = MaterialTheme.shapes.medium) { content() }

@Composable
private fun DigitLabel(digit: Char) =
    Text(digit.toString(), style = MaterialTheme.typography.titleLarge.merge(TABULAR))
