package app.klink.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.presentation.ConfirmEvent
import app.klink.presentation.Confirming
import app.klink.presentation.Message
import app.klink.presentation.Model
import app.klink.presentation.UnlockEvent
import app.klink.presentation.UnlockState
import app.klink.presentation.UnlockState.Way

/** The locked vault. */
@Composable
fun UnlockScreen(model: Model<UnlockState, UnlockEvent>) {
    val state by model.state.collectAsState()
    UnlockScreen(state, model::on)
}

/** The locked vault: one way in is asked for, the others stand below it. */
@Composable
fun UnlockScreen(state: UnlockState, onEvent: (UnlockEvent) -> Unit) = WaysIn(
    say("unlock_title"), say("unlock_text"), null, state.ways, state.asked, state.working, state.problem, state.waitMs,
    { onEvent(UnlockEvent.Ask(it)) },
    { way, typed ->
        onEvent(
            when (way) {
                Way.DEVICE -> UnlockEvent.ByDevice
                Way.PASSPHRASE -> UnlockEvent.ByPassphrase(typed)
                Way.RECOVERY_CODE -> UnlockEvent.ByRecoveryCode(typed)
            },
        )
    },
) {
    if (state.requests > 0) Notice(Weight.INFO, sayCount("accounts_requests", state.requests), say("open_requests")) {
        onEvent(UnlockEvent.OpenRequests)
    }
    else Latch()
}

/** Asks for a way in once more, before something that only the owner may do. */
@Composable
fun ConfirmScreen(confirming: Confirming, onEvent: (ConfirmEvent) -> Unit) = WaysIn(
    say("confirm_title"), say("confirm_text"), { onEvent(ConfirmEvent.Cancel) }, confirming.ways, confirming.asked,
    confirming.working, confirming.problem, confirming.waitMs,
    { onEvent(ConfirmEvent.Ask(it)) },
    { way, typed ->
        onEvent(
            when (way) {
                Way.DEVICE -> ConfirmEvent.ByDevice
                Way.PASSPHRASE -> ConfirmEvent.ByPassphrase(typed)
                Way.RECOVERY_CODE -> ConfirmEvent.ByRecoveryCode(typed)
            },
        )
    },
) {}

@Composable
private fun WaysIn(
    title: String,
    text: String,
    onBack: (() -> Unit)?,
    ways: Set<Way>,
    asked: Way,
    working: Boolean,
    problem: Message?,
    waitMs: Long,
    onAsk: (Way) -> Unit,
    onTyped: (Way, String) -> Unit,
    above: @Composable () -> Unit,
) = key(asked) {
    var typed by remember { mutableStateOf("") }
    val ready = !working && waitMs <= 0
    Page(
        title, onBack, above = { Box { above() } },
        end = {
            if (working) Busy(say("working"))
            else if (asked == Way.DEVICE) Primary(say("unlock_device"), ready) { onTyped(asked, "") }
            else Primary(say("open"), ready && typed.isNotEmpty()) { onTyped(asked, typed) }
            for (way in Way.entries) if (way in ways && way != asked) {
                Quiet(say("unlock_by_" + way.name.lowercase())) { onAsk(way) }
            }
        },
    ) {
        Body(text)
        when (asked) {
            Way.DEVICE -> Unit
            Way.PASSPHRASE -> Field(say("passphrase"), typed, Kind.SECRET, onDone = { if (ready) onTyped(asked, typed) }) { typed = it }
            Way.RECOVERY_CODE -> Field(say("recovery_code"), typed, Kind.CODE, onDone = { if (ready) onTyped(asked, typed) }) { typed = it }
        }
        if (waitMs > 0) Notice(Weight.WARN, sayCount("wait_seconds", ((waitMs + 999) / 1000).toInt()))
        else Problem(problem)
    }
}
