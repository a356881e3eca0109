package app.klink.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.presentation.UnlockEvent
import app.klink.presentation.UnlockState
import app.klink.presentation.Go
import app.klink.presentation.Model
import app.klink.presentation.Place
import app.klink.presentation.UnlockState.Way

/** The locked vault. */
@Composable
fun UnlockScreen(model: Model<UnlockState, UnlockEvent>) {
    val state by model.state.collectAsState()
    UnlockScreen(state, model::on)
}

/** The locked vault: one way in is asked for, the others stand below it. */
@Composable
fun UnlockScreen(state: UnlockState, onEvent: (UnlockEvent) -> Unit) = WaysIn(say("unlock_title"), say("unlock_text"), null, state, onEvent) {
    if (state.requests > 0) Notice(Weight.INFO, sayCount("accounts_requests", state.requests), say("open_requests")) {
        onEvent(Go(Place.Approve()))
    }
    else Latch()
}

/** Asks for a way in once more, before something that only the owner may do; [text] says what. */
@Composable
fun ConfirmScreen(state: UnlockState, text: String = say("confirm_text"), onEvent: (UnlockEvent) -> Unit) =
    WaysIn(say("confirm_title"), text, { onEvent(UnlockEvent.Cancel) }, state, onEvent) {}

@Composable
private fun WaysIn(
    title: String,
    text: String,
    onBack: (() -> Unit)?,
    state: UnlockState,
    onEvent: (UnlockEvent) -> Unit,
    above: @Composable () -> Unit,
) = key(state.asked) {
    val asked = state.asked
    val onTyped = { typed: String ->
        onEvent(
            when (asked) {
                Way.DEVICE -> UnlockEvent.ByDevice
                Way.PASSPHRASE -> UnlockEvent.ByPassphrase(typed)
                Way.RECOVERY_CODE -> UnlockEvent.ByRecoveryCode(typed)
            },
        )
    }
    var typed by remember { mutableStateOf("") }
    val ready = !state.working && state.waitMs <= 0
    Page(
        title, onBack, above = { Box { above() } },
        end = {
            if (state.working) Busy(say("working"))
            else if (asked == Way.DEVICE) Primary(say("unlock_device"), ready) { onTyped("") }
            else Primary(say("open"), ready && typed.isNotEmpty()) { onTyped(typed) }
            for (way in Way.entries) if (way in state.ways && way != asked) {
                Quiet(say("unlock_by_" + way.name.lowercase())) { onEvent(UnlockEvent.Ask(way)) }
            }
        },
    ) {
        Body(text)
        when (asked) {
            Way.DEVICE -> Unit
            Way.PASSPHRASE -> Field(say("passphrase"), typed, Kind.SECRET, onDone = { if (ready) onTyped(typed) }) { typed = it }
            Way.RECOVERY_CODE -> Field(say("recovery_code"), typed, Kind.CODE, onDone = { if (ready) onTyped(typed) }) { typed = it }
        }
        if (state.waitMs > 0) Notice(Weight.WARN, sayCount("wait_seconds", ((state.waitMs + 999) / 1000).toInt()))
        else Problem(state.problem)
    }
}
