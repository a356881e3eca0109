package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.material3.MaterialTheme
import app.klink.core.MoveWay
import app.klink.presentation.Back
import app.klink.presentation.Confirm
import app.klink.presentation.Frames
import app.klink.presentation.Model
import app.klink.presentation.MoveEvent
import app.klink.presentation.MoveState

/** Accounts from one phone to another; [frames] takes what the camera sees. */
@Composable
fun MoveScreen(model: Model<MoveState, MoveEvent>, frames: Frames) {
    val state by model.state.collectAsState()
    MoveScreen(state, frames, model::on)
}

/** Accounts from one phone to another: the old one shows codes, the new one takes them and shows a receipt. */
@Composable
fun MoveScreen(state: MoveState, frames: Frames, onEvent: (MoveEvent) -> Unit) = when (state) {
    is MoveState.Choose -> {
        val confirming = state.confirming
        if (confirming != null) ConfirmScreen(confirming) { onEvent(Confirm(it)) } else Sides(state, onEvent)
    }
    is MoveState.Sending -> Sending(state, onEvent)
    is MoveState.Arrived -> Page(
        say("move_arrived_title", state.arrived, state.of), { onEvent(Back) },
        end = { Primary(say("done")) { onEvent(MoveEvent.Stop) } },
    ) {
        if (state.arrived == state.of) Notice(Weight.GOOD, say("move_arrived_all"))
        else Notice(Weight.WARN, sayCount("move_arrived_less", (state.of - state.arrived).toInt()))
        Aside(say("move_arrived_text"))
    }
    is MoveState.Receiving -> Receiving(state, frames, onEvent)
    is MoveState.Compared -> CompareList(
        say("move_compared_title"), state.rows, state.ticked, state.working, state.problem, { onEvent(Back) },
        "move_take", { onEvent(MoveEvent.Take) }, { id, on -> onEvent(MoveEvent.Tick(id, on)) },
    )
    is MoveState.Received -> Received(state, onEvent)
}

@Composable
private fun Sides(state: MoveState.Choose, onEvent: (MoveEvent) -> Unit) = Page(
    say("move_title"), { onEvent(Back) }, end = { if (state.working) Busy(say("working")) },
) {
    Body(say("move_text"))
    if (state.begun) Notice(Weight.INFO, say("move_begun"), say("move_go_on")) { onEvent(MoveEvent.GoOn) }
    Heading(say("move_old"))
    Card { Leads(say("move_codes"), Sign.SCAN, say("move_codes_text")) { onEvent(MoveEvent.Send(MoveWay.CODES)) } }
    Card { Leads(say("move_file"), Sign.UP, say("move_file_text")) { onEvent(MoveEvent.Send(MoveWay.FILE)) } }
    Heading(say("move_new"))
    Card { Leads(say("move_receive"), Sign.DOWN, say("move_receive_text")) { onEvent(MoveEvent.Receive) } }
    if (state.begun) Quiet(say("move_stop"), danger = true) { onEvent(MoveEvent.Stop) }
    Problem(state.problem)
}

@Composable
private fun Sending(state: MoveState.Sending, onEvent: (MoveEvent) -> Unit) {
    var typed by remember { mutableStateOf("") }
    Page(
        sayCount("move_sending_title", state.accounts.toInt()), { onEvent(Back) },
        end = {
            Primary(say("move_receipt_done"), typed.length == RECEIPT) { onEvent(MoveEvent.Receipt(typed)) }
            Quiet(say("move_stop"), danger = true) { onEvent(MoveEvent.Stop) }
        },
    ) {
        Notice(Weight.WARN, say("move_filmed"))
        if (state.leftOut > 0) Notice(Weight.WARN, sayCount("move_left_out", state.leftOut))
        if (state.hasFile) {
            Body(say("move_file_first"))
            Secondary(say("move_file_save")) { onEvent(MoveEvent.SaveFile) }
        }
        QrPages(state.codes)
        NumberField(say("move_receipt"), typed, RECEIPT) { typed = it }
        Problem(state.problem)
    }
}

@Composable
private fun Receiving(state: MoveState.Receiving, frames: Frames, onEvent: (MoveEvent) -> Unit) {
    var text by remember { mutableStateOf("") }
    var pasting by remember { mutableStateOf(false) }
    val incoming = state.incoming
    val codes = incoming.codes
    val whole = codes != null && incoming.missing.isEmpty()
    Page(
        if (codes == null) say("move_receiving_title") else say("move_taken_title", incoming.taken, codes), { onEvent(Back) },
        end = {
            if (whole) Primary(say("move_choose_file")) { onEvent(MoveEvent.ChooseFile) }
            else Secondary(say("choose_picture")) { onEvent(MoveEvent.ChoosePicture) }
            if (!whole && !pasting) Quiet(say("scan_cannot")) { pasting = true }
            Quiet(say("move_stop"), danger = true) { onEvent(MoveEvent.Stop) }
        },
    ) {
        Body(say(if (whole) "move_file_wanted" else "move_receiving_text"))
        incoming.accounts?.let { Aside(sayCount("accounts", it.toInt())) }
        if (codes != null && incoming.missing.isNotEmpty()) Notice(Weight.INFO, say("collect_missing", incoming.missing.joinToString(", ")))
        if (!whole) Sight(state.camera, frames) { onEvent(MoveEvent.AllowCamera) }
        if (pasting) {
            Field(say("move_code_text"), text, Kind.LINK) { text = it }
            Primary(say("next"), text.isNotBlank()) {
                onEvent(MoveEvent.TextPasted(text.trim()))
                text = ""
            }
        }
        Problem(state.problem)
    }
}

@Composable
private fun Received(state: MoveState.Received, onEvent: (MoveEvent) -> Unit) = Page(
    say("move_received_title", state.received.arrived, state.received.of),
    end = { Primary(say("done")) { onEvent(MoveEvent.Stop) } },
) {
    Body(say("move_received_text"))
    CodeText(state.received.receipt, MaterialTheme.typography.displayMedium, color = MaterialTheme.colorScheme.primary)
    if (state.received.renew.isNotEmpty()) {
        Heading(say("move_renew"))
        Aside(say("move_renew_text"))
        for (one in state.received.renew) Line(one.service, sign = Sign.WORK, below = "${one.accountName} · ${one.host}")
    }
}

/** Digits of a receipt. */
private const val RECEIPT = 6
