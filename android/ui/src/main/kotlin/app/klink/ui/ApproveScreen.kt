package app.klink.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import app.klink.core.Act
import app.klink.core.Challenge
import app.klink.core.MatchRule
import app.klink.core.Outcome
import app.klink.presentation.ApproveEvent
import app.klink.presentation.ApproveState
import app.klink.presentation.Frames
import app.klink.presentation.Model

/** A service's question. [frames] takes what the camera sees while the page's code is scanned. */
@Composable
fun ApproveScreen(model: Model<ApproveState, ApproveEvent>, frames: Frames) {
    val state by model.state.collectAsState()
    ApproveScreen(state, frames, model::on)
}

/** A service's question, and what became of the answer. */
@Composable
fun ApproveScreen(state: ApproveState, frames: Frames, onEvent: (ApproveEvent) -> Unit) = when (state) {
    is ApproveState.Nothing -> NothingAsked(state, onEvent)
    is ApproveState.Asked -> Asked(state, onEvent)
    is ApproveState.AskReport -> AskReport(state.challenge, onEvent)
    is ApproveState.Scanning -> Page(
        say("approve_scan_title"), { onEvent(ApproveEvent.TypeInstead) },
        end = {
            Secondary(say("choose_picture")) { onEvent(ApproveEvent.ChoosePicture) }
            Quiet(say("approve_type_instead")) { onEvent(ApproveEvent.TypeInstead) }
        },
    ) {
        Body(say("approve_scan_text"))
        Viewfinder(frames)
        Problem(state.problem)
    }
    is ApproveState.Answered -> Answered(state, onEvent)
}

@Composable
private fun NothingAsked(state: ApproveState.Nothing, onEvent: (ApproveEvent) -> Unit) = Page(
    say(if (state.looking) "approve_looking" else "approve_nothing_title"), { onEvent(ApproveEvent.Close) },
    end = {
        if (state.looking) Busy(say("approve_looking_text"))
        else Primary(say("approve_look_now")) { onEvent(ApproveEvent.LookNow) }
        Quiet(say("close")) { onEvent(ApproveEvent.Close) }
    },
) {
    if (!state.looking) Body(say("approve_nothing_text"))
    Problem(state.problem)
}

@Composable
private fun Asked(state: ApproveState.Asked, onEvent: (ApproveEvent) -> Unit) {
    val challenge = state.challenge
    Page(
        challenge.question(), { onEvent(ApproveEvent.Close) },
        above = { Asker(challenge) },
        end = { Answers(state, onEvent) },
    ) {
        TimeLeft(challenge, state.nowMs)
        Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
            Fact(Sign.PLACE, listOf(challenge.place, challenge.address).filter { it.isNotEmpty() }.joinToString(" · "))
            Fact(Sign.DEVICE, challenge.device)
            Fact(Sign.CLOCK, LocalWords.current.moment(challenge.askedAtMs, state.nowMs))
        }
        challenge.words?.let { Body(it) }
        challenge.details?.let { Aside(it) }
        if (challenge.newDevice) Notice(Weight.WARN, say("approve_new_device"))
        if (!state.locked) Match(state, onEvent)
        Problem(state.problem)
    }
}

/** Who asks, and for which account: the first thing that is read. */
@Composable
private fun Asker(challenge: Challenge) = Row(
    Modifier.fillMaxWidth(), Arrangement.spacedBy(12.dp), Alignment.CenterVertically,
) {
    Mark(challenge.service ?: challenge.host)
    Column(Modifier.weight(1f)) {
        Text(challenge.service ?: challenge.host, style = MaterialTheme.typography.titleMedium)
        challenge.accountName?.let { Aside(it) }
    }
}

/** The question as a sentence. */
@Composable
private fun Challenge.question(): String {
    val who = service ?: host
    return when (act) {
        Act.LOGIN -> say("approve_login", application, who)
        Act.TEST -> say("approve_test", who)
        Act.TRANSACTION -> say("approve_transaction", application, who)
    }
}

/** A bar from the asking to the end, and how many seconds are left in words. */
@Composable
private fun TimeLeft(challenge: Challenge, nowMs: Long) {
    val all = (challenge.expiresAtMs - challenge.askedAtMs).coerceAtLeast(1)
    val left = (challenge.expiresAtMs - nowMs).coerceIn(0, all)
    Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(4.dp)) {
        LinearProgressIndicator(
            { left.toFloat() / all }, Modifier.fillMaxWidth().clearAndSetSemantics {},
            if (left < SOON_MS) MaterialTheme.colorScheme.tertiary else MaterialTheme.colorScheme.primary,
            MaterialTheme.colorScheme.outlineVariant, drawStopIndicator = {},
        )
        Aside(sayCount("seconds_left", ((left + 999) / 1000).toInt()))
    }
}

/** What approving needs: the page's number typed or chosen, or its code scanned. */
@Composable
private fun ColumnScope.Match(state: ApproveState.Asked, onEvent: (ApproveEvent) -> Unit) {
    when (val rule = state.challenge.rule) {
        is MatchRule.Type -> {
            NumberField(say("approve_number"), state.number, rule.digits) { onEvent(ApproveEvent.Number(it)) }
            Box(Modifier.align(Alignment.CenterHorizontally)) {
                Quiet(say("approve_scan_instead")) { onEvent(ApproveEvent.ScanInstead) }
            }
        }
        is MatchRule.Scan -> Secondary(say("approve_scan_title")) { onEvent(ApproveEvent.ScanInstead) }
        is MatchRule.Pick -> {
            Heading(say("approve_pick"))
            Chips { for (option in rule.options) Chip(option, option == state.number) { onEvent(ApproveEvent.Pick(option)) } }
        }
        is MatchRule.Confirm -> Unit
    }
    if (state.challenge.rule !is MatchRule.Confirm) {
        Aside(say("approve_nobody_asks", state.challenge.service ?: state.challenge.host))
    }
}

@Composable
private fun ColumnScope.Answers(state: ApproveState.Asked, onEvent: (ApproveEvent) -> Unit) {
    if (state.working) Busy(say("approve_sending"))
    Pair(
        { Secondary(say("deny"), !state.working) { onEvent(ApproveEvent.Deny) } },
        {
            if (state.locked) Primary(say("approve_unlock")) { onEvent(ApproveEvent.Unlock) }
            else Primary(say("approve"), state.complete && !state.working) { onEvent(ApproveEvent.Approve) }
        },
    )
    Quiet(say("not_me"), danger = true) { onEvent(ApproveEvent.NotMe) }
    if (state.others > 0) Aside(sayCount("approve_others", state.others))
}

@Composable
private fun AskReport(challenge: Challenge, onEvent: (ApproveEvent) -> Unit) = Page(
    say("report_title"), { onEvent(ApproveEvent.TypeInstead) },
    end = {
        Primary(say("report_send")) { onEvent(ApproveEvent.Report(lock = false)) }
        Secondary(say("report_lock")) { onEvent(ApproveEvent.Report(lock = true)) }
        Quiet(say("report_cancel")) { onEvent(ApproveEvent.Cancel) }
    },
) {
    Body(say("report_text", challenge.service ?: challenge.host))
    Aside(say("report_lock_text"))
}

@Composable
private fun Answered(state: ApproveState.Answered, onEvent: (ApproveEvent) -> Unit) {
    val (title, text, weight) = state.outcome.told()
    val code = state.displayCode
    Page(
        say(title), { onEvent(ApproveEvent.Close) },
        end = {
            Primary(say("done")) { onEvent(ApproveEvent.Close) }
            Quiet(say("approve_next")) { onEvent(ApproveEvent.Next) }
        },
    ) {
        Notice(weight, say(text))
        if (code != null) {
            Body(say("approve_type_on_page"))
            CodeText(code, MaterialTheme.typography.displayMedium, Modifier.align(Alignment.CenterHorizontally))
        }
        Text(
            state.challenge.service ?: state.challenge.host, Modifier.fillMaxWidth(), textAlign = TextAlign.Start,
            color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyLarge,
        )
    }
}

/** Title, sentence and weight of what became of an answer; `null` is signed, kept and not yet arrived. */
fun Outcome?.told(): Triple<String, String, Weight> = when (this) {
    null -> Triple("outcome_kept", "outcome_kept_text", Weight.INFO)
    Outcome.APPROVED -> Triple("outcome_approved", "outcome_approved_text", Weight.GOOD)
    Outcome.DENIED -> Triple("outcome_denied", "outcome_denied_text", Weight.INFO)
    Outcome.REPORTED -> Triple("outcome_reported", "outcome_reported_text", Weight.INFO)
    Outcome.WRONG_MATCH -> Triple("outcome_wrong_match", "outcome_wrong_match_text", Weight.DANGER)
    Outcome.ELSEWHERE -> Triple("outcome_elsewhere", "outcome_elsewhere_text", Weight.INFO)
    Outcome.EXPIRED -> Triple("outcome_expired", "outcome_expired_text", Weight.WARN)
    Outcome.REPLACED -> Triple("outcome_replaced", "outcome_replaced_text", Weight.INFO)
    Outcome.CANCELLED -> Triple("outcome_cancelled", "outcome_cancelled_text", Weight.INFO)
    Outcome.DROPPED -> Triple("outcome_dropped", "outcome_dropped_text", Weight.WARN)
}

private const val SOON_MS = 10_000
