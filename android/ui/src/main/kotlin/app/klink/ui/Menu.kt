package app.klink.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.material3.DropdownMenu
import androidx.compose.material3.DropdownMenuItem
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue

/** Adds a line to a [Menu]: its text, whether it is the chosen one, what it does. */
typealias MenuItem = @Composable (String, Boolean, () -> Unit) -> Unit

/** A button that opens a list of further things to do. */
@Composable
fun Menu(sign: Sign, label: String, items: @Composable (MenuItem) -> Unit) = Box {
    var open by remember { mutableStateOf(false) }
    SignButton(sign, label) { open = true }
    DropdownMenu(open, { open = false }, containerColor = MaterialTheme.colorScheme.surfaceContainer) {
        items { text, chosen, onClick ->
            DropdownMenuItem(
                text = { Text(text, style = MaterialTheme.typography.bodyLarge) },
                onClick = {
                    open = false
                    onClick()
                },
                trailingIcon = if (chosen) ({ Icon(Sign.CHECK.lines, say("chosen")) }) else null,
            )
        }
    }
}
