package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.core.Advice
import app.klink.core.CheckLine
import app.klink.core.CheckState
import app.klink.presentation.Back
import app.klink.presentation.Confirm
import app.klink.presentation.Model
import app.klink.presentation.SelfCheckEvent
import app.klink.presentation.SelfCheckState
import app.klink.presentation.advice
import app.klink.presentation.leads

/** What must be right before anybody relies on this phone. */
@Composable
fun SelfCheckScreen(model: Model<SelfCheckState, SelfCheckEvent>) {
    val state by model.state.collectAsState()
    SelfCheckScreen(state, model::on)
}

/** What must be right before anybody relies on this phone: how each thing is, what to do, and the button that leads there. */
@Composable
fun SelfCheckScreen(state: SelfCheckState, onEvent: (SelfCheckEvent) -> Unit) {
    val confirming = state.confirming
    if (confirming != null) return ConfirmScreen(confirming, say("check_type_passphrase")) { onEvent(Confirm(it)) }
    val lines = state.lines
    Page(
        say("check_title"), { onEvent(Back) },
        end = {
            if (lines == null) Busy(say("check_working")) else {
                Primary(say("done")) { onEvent(Back) }
                Secondary(say("check_again")) { onEvent(SelfCheckEvent.Again) }
            }
        },
    ) {
        Body(say("check_text"))
        for (line in lines.orEmpty()) CheckCard(line, state.mustChoose, onEvent)
        Problem(state.problem)
    }
}

@Composable
private fun CheckCard(line: CheckLine, mustChoose: Boolean, onEvent: (SelfCheckEvent) -> Unit) {
    val what = say("check_" + line.what.name.lowercase())
    val advice = line.advice()
    val help = advice?.let { say(if (it == Advice.OPEN_TO_SEE && mustChoose) "wake_ups_unchosen" else "advice_" + it.name.lowercase()) }
    val (sign, how) = when (line.state) {
        is CheckState.Good -> Sign.CHECK to say("check_good")
        is CheckState.NotKnown -> Sign.INFO to say("check_not_known")
        is CheckState.Better -> Sign.WARN to say("check_better")
        is CheckState.Bad -> Sign.DANGER to say("check_bad")
    }
    Card {
        Line(what, sign = sign, below = listOfNotNull(how, help).joinToString(" · "), danger = line.state is CheckState.Bad)
        if (advice?.leads(mustChoose) == true) Quiet(say("check_mend", what)) { onEvent(SelfCheckEvent.Mend(line)) }
    }
}
