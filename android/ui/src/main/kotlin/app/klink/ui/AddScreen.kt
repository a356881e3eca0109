package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.presentation.AddEvent
import app.klink.presentation.AddState
import app.klink.presentation.Model

/** How an account is added. */
@Composable
fun AddScreen(model: Model<AddState, AddEvent>) {
    val state by model.state.collectAsState()
    AddScreen(state, model::on)
}

/** How an account is added: work or school, a QR code, a key. */
@Composable
fun AddScreen(state: AddState, onEvent: (AddEvent) -> Unit) {
    var pasting by remember { mutableStateOf(false) }
    var text by remember { mutableStateOf("") }
    val paste = { if (text.isNotBlank()) onEvent(AddEvent.Paste(text.trim())) }
    if (pasting) Page(
        say("add_key_title"), { pasting = false }, end = { Primary(say("next"), text.isNotBlank(), paste) },
    ) {
        Body(say("add_key_text"))
        Field(say("add_key_label"), text, Kind.LINK, onDone = paste) { text = it }
        Problem(state.problem)
    } else Page(say("add_title"), { onEvent(AddEvent.Back) }) {
        Card { Leads(say("add_work"), Sign.WORK, say("add_work_text")) { onEvent(AddEvent.WorkOrSchool) } }
        Card { Leads(say("add_qr"), Sign.SCAN, say(if (state.canScan) "add_qr_text" else "add_qr_picture")) { onEvent(AddEvent.QrCode) } }
        Card { Leads(say("add_key"), Sign.KEY, say("add_key_below")) { pasting = true } }
        Leads(say("add_type_code"), Sign.EDIT, say("add_type_code_text")) { onEvent(AddEvent.TypeCode) }
        Leads(say("add_import"), Sign.DOWN, say("add_import_text")) { onEvent(AddEvent.Import) }
        Problem(state.problem)
    }
}
