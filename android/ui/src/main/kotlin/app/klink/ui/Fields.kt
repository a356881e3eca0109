package app.klink.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.text.KeyboardActions
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.AlertDialog
import androidx.compose.material3.FilterChip
import androidx.compose.material3.FilterChipDefaults
import androidx.compose.material3.CircularProgressIndicator
import androidx.compose.material3.Icon
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.text.input.ImeAction
import androidx.compose.ui.text.input.KeyboardCapitalization
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.input.VisualTransformation
import androidx.compose.ui.unit.dp
import app.klink.core.PassphraseStrength

/** What kind of text a [Field] takes: which keyboard, and whether it is shown. */
enum class Kind(val secret: Boolean, val keyboard: KeyboardType, val capitals: KeyboardCapitalization) {
    TEXT(false, KeyboardType.Text, KeyboardCapitalization.Sentences),
    SECRET(true, KeyboardType.Password, KeyboardCapitalization.None),
    CODE(false, KeyboardType.Password, KeyboardCapitalization.Characters),
    NUMBER(false, KeyboardType.Number, KeyboardCapitalization.None),
    LINK(false, KeyboardType.Uri, KeyboardCapitalization.None),
}

/** A field for one line of text; [onDone] is what the keyboard's own button does. */
@Composable
fun Field(label: String, value: String, kind: Kind, lines: Int = 1, onDone: () -> Unit = {}, onValue: (String) -> Unit) {
    var shown by remember { mutableStateOf(false) }
    OutlinedTextField(
        value, onValue, Modifier.fillMaxWidth(), label = { Text(label) }, singleLine = lines == 1, minLines = lines,
        shape = MaterialTheme.shapes.medium,
        visualTransformation = if (kind.secret && !shown) PasswordVisualTransformation() else VisualTransformation.None,
        keyboardOptions = KeyboardOptions(
            kind.capitals, autoCorrectEnabled = false, keyboardType = kind.keyboard,
            imeAction = if (lines == 1) ImeAction.Done else ImeAction.Default,
        ),
        keyboardActions = KeyboardActions(onDone = { onDone() }),
        trailingIcon = if (kind.secret) ({ SignButton(Sign.EYE, "$label: " + say(if (shown) "hide" else "show")) { shown = !shown } }) else null,
    )
}

/** How hard a passphrase is to guess, as a bar and in words. */
@Composable
fun Strength(strength: PassphraseStrength) = Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
    val color = if (strength.good) MaterialTheme.colorScheme.primary else MaterialTheme.colorScheme.tertiary
    LinearProgressIndicator(
        { (strength.score + 1) / 5f }, Modifier.fillMaxWidth().clearAndSetSemantics {}, color,
        MaterialTheme.colorScheme.outlineVariant,
    )
    Text(say(if (strength.good) "strength_good" else "strength_weak"), color = color, style = MaterialTheme.typography.bodyMedium)
}

/** One choice of several that fit beside one another. */
@Composable
fun Chip(text: String, chosen: Boolean, sign: Sign? = null, onClick: () -> Unit) = FilterChip(
    chosen, onClick, { Text(text) }, Modifier.heightIn(min = 48.dp), shape = MaterialTheme.shapes.medium,
    leadingIcon = (if (chosen) Sign.CHECK else sign)?.let { { Icon(it.lines, null, Modifier.size(18.dp)) } },
    colors = FilterChipDefaults.filterChipColors(
        selectedContainerColor = MaterialTheme.colorScheme.surfaceContainer,
        selectedLabelColor = MaterialTheme.colorScheme.primary,
        selectedLeadingIconColor = MaterialTheme.colorScheme.primary,
        labelColor = MaterialTheme.colorScheme.onSurface,
    ),
)

/** Several [Chip]s, in as many lines as they need. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
fun Chips(content: @Composable () -> Unit) =
    FlowRow(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp), Arrangement.spacedBy(4.dp)) { content() }

/** Something takes a moment; [text] says what. */
@Composable
fun Busy(text: String) = Column(
    Modifier.fillMaxWidth().padding(vertical = 16.dp), Arrangement.spacedBy(12.dp), Alignment.CenterHorizontally,
) {
    CircularProgressIndicator(Modifier.size(32.dp).clearAndSetSemantics {}, strokeWidth = 3.dp)
    Aside(text)
}

/** Asks once more before something is taken away. */
@Composable
fun Really(title: String, text: String, yes: String, no: String, onYes: () -> Unit, onNo: () -> Unit) = AlertDialog(
    onDismissRequest = onNo,
    title = { Text(title) },
    text = { Body(text) },
    confirmButton = { Quiet(yes, danger = true, onClick = onYes) },
    dismissButton = { Quiet(no, onClick = onNo) },
)
