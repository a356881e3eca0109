package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.core.NextStep
import app.klink.presentation.Back
import app.klink.presentation.Model
import app.klink.presentation.TroubleEvent
import app.klink.presentation.TroubleState
import app.klink.presentation.message

/** A vault in trouble. */
@Composable
fun TroubleScreen(model: Model<TroubleState, TroubleEvent>) {
    val state by model.state.collectAsState()
    TroubleScreen(state, model::on)
}

/** A vault in trouble: why, in words, and what can be done, the best first. Nothing is deleted here. */
@Composable
fun TroubleScreen(state: TroubleState, onEvent: (TroubleEvent) -> Unit) = when (state) {
    is TroubleState.Shown -> Page(
        say("trouble_title"), { onEvent(Back) },
        end = {
            if (state.working) Busy(say("working"))
            else state.steps.forEachIndexed { at, step ->
                val label = say(step.key())
                if (at == 0) Primary(label) { onEvent(TroubleEvent.Take(step)) }
                else Secondary(label) { onEvent(TroubleEvent.Take(step)) }
            }
        },
    ) {
        val reason = state.reason
        Notice(Weight.DANGER, if (reason == null) say("trouble_no_open") else say(message(reason)))
        Body(say("trouble_text"))
        state.steps.firstOrNull()?.let { Aside(say(it.key() + "_text")) }
        Problem(state.problem)
    }
    is TroubleState.NeedsKey -> KeyPage(
        say("trouble_key_title"), say("trouble_key_text"), state.working, state.problem, { onEvent(Back) },
    ) { typed, isCode -> onEvent(TroubleEvent.KeyTyped(typed, isCode)) }
    is TroubleState.Salvage -> Salvage(state, onEvent)
    is TroubleState.Mended -> Page(
        say("trouble_mended_title"), end = { Primary(say("done")) { onEvent(Back) } },
    ) {
        val accounts = state.accounts
        Notice(Weight.GOOD, if (accounts == null) say("trouble_mended") else sayCount("trouble_mended_accounts", accounts.toInt()))
    }
}

@Composable
private fun Salvage(state: TroubleState.Salvage, onEvent: (TroubleEvent) -> Unit) {
    val proposal = state.proposal
    Page(
        sayCount("salvage_title", proposal.rows.size), { onEvent(Back) },
        end = {
            if (state.working) Busy(say("working"))
            else Primary(sayCount("salvage_commit", proposal.rows.size - state.leftOut.size)) { onEvent(TroubleEvent.CommitSalvage) }
        },
    ) {
        Body(say("salvage_text"))
        for (row in proposal.rows) Ticked(
            row.account.issuer.ifEmpty { row.account.accountName }, row.account.id !in state.leftOut,
            row.account.accountName + " · " + say("salvage_" + row.source.name.lowercase()),
        ) { onEvent(TroubleEvent.LeaveOut(row.account.id, !it)) }
        if (proposal.lost.isNotEmpty()) Notice(Weight.WARN, sayCount("salvage_lost", proposal.lost.size))
        Problem(state.problem)
    }
}

private fun NextStep.key(): String = when (this) {
    is NextStep.TryAgain -> "step_try_again"
    is NextStep.UpdateApp -> "step_update_app"
    is NextStep.Accept -> "step_accept"
    is NextStep.AcceptAndMerge -> "step_accept_and_merge"
    is NextStep.Salvage -> "step_salvage"
    is NextStep.Restore -> "step_restore"
    is NextStep.BackUp -> "step_back_up"
    is NextStep.StartNew -> "step_start_new"
}
