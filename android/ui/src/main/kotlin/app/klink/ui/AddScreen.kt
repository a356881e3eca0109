package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.presentation.AddEvent
import app.klink.presentation.AddState
import app.klink.presentation.Back
import app.klink.presentation.Go
import app.klink.presentation.Model
import app.klink.presentation.Place

/** How an account is added. */
@Composable
fun AddScreen(model: Model<AddState, AddEvent>) {
    val state by model.state.collectAsState()
    AddScreen(state, model::on)
}

/** How an account is added: work or school, a QR code, a key. */
@Composable
fun AddScreen(state: AddState, onEvent: (AddEvent) -> Unit) = Page(say("add_title"), { onEvent(Back) }) {
    val scan = { onEvent(Go(Place.Scan())) }
    Card { Leads(say("add_work"), Sign.WORK, say("add_work_text"), onClick = scan) }
    Card { Leads(say("add_qr"), Sign.SCAN, say(if (state.canScan) "add_qr_text" else "add_qr_picture"), onClick = scan) }
    Card { Leads(say("add_key"), Sign.KEY, say("add_key_below")) { onEvent(Go(Place.Key)) } }
    Leads(say("add_type_code"), Sign.EDIT, say("add_type_code_text")) { onEvent(Go(Place.Enrol())) }
    Leads(say("add_move"), Sign.PHONE, say("add_move_text")) { onEvent(Go(Place.Move())) }
    Leads(say("add_import"), Sign.DOWN, say("add_import_text")) { onEvent(Go(Place.Import)) }
}
