package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.material3.MaterialTheme
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import app.klink.core.EnrolmentState
import app.klink.presentation.Back
import app.klink.presentation.Go
import app.klink.presentation.Model
import app.klink.presentation.Place
import app.klink.presentation.ServiceEvent
import app.klink.presentation.ServiceState

/** One service that sends requests. */
@Composable
fun ServiceScreen(model: Model<ServiceState, ServiceEvent>) {
    val state by model.state.collectAsState()
    ServiceScreen(state, model::on)
}

/** One service: how it stands, a test, quiet, and the way out. */
@Composable
fun ServiceScreen(state: ServiceState, onEvent: (ServiceEvent) -> Unit) {
    val back = { onEvent(Back) }
    when (state) {
        is ServiceState.Gone -> Page(
            say("service_gone_title"), back, end = { Primary(say("close"), onClick = back) },
        ) { Body(say("service_gone_text")) }
        is ServiceState.Shown -> if (state.removing) Removing(state, onEvent) else Shown(state, onEvent)
    }
}

@Composable
private fun Shown(state: ServiceState.Shown, onEvent: (ServiceEvent) -> Unit) {
    val enrolment = state.enrolment
    var name by remember(enrolment.id) { mutableStateOf(enrolment.service.orEmpty()) }
    Page(
        enrolment.service ?: enrolment.host, { onEvent(Back) },
        end = {
            if (state.working) Busy(say("working"))
            Quiet(say("service_remove"), danger = true) { onEvent(ServiceEvent.Remove) }
        },
    ) {
        Standing(state, onEvent)
        TestNumber(state, onEvent)
        enrolment.accountName?.let { Fact(Sign.PERSON, it) }
        Fact(Sign.GLOBE, enrolment.host)
        Fact(Sign.SHIELD, say(if (enrolment.hardware) "service_hardware" else "service_software"))
        enrolment.lastPollAnsweredMs?.let { Fact(Sign.CLOCK, say("service_last_seen", LocalWords.current.date(it))) }
        enrolment.lastPushReceivedMs?.let { Fact(Sign.BELL, say("service_last_push", LocalWords.current.date(it))) }
        Field(say("service_name"), name, Kind.TEXT) { name = it }
        if (name != enrolment.service.orEmpty() && name.isNotBlank()) Primary(say("save")) { onEvent(ServiceEvent.Rename(name)) }
        Switched(say("service_quiet"), enrolment.quietUntilMs != null, say("service_quiet_text")) {
            onEvent(ServiceEvent.Quiet(if (it) QUIET_MS else 0))
        }
        if (enrolment.mayRenewApprovalKey) Leads(say("service_new_key"), Sign.KEY, say("service_new_key_text")) {
            onEvent(ServiceEvent.NewApprovalKey)
        }
        Problem(state.problem)
    }
}

/** How the enrolment stands, and what brings it further. */
@Composable
private fun Standing(state: ServiceState.Shown, onEvent: (ServiceEvent) -> Unit) {
    when (val standing = state.enrolment.state) {
        is EnrolmentState.Enrolling -> Notice(Weight.WARN, say("service_enrolling"), say("try_again")) { onEvent(ServiceEvent.Resume) }
        is EnrolmentState.PendingTest -> Notice(Weight.WARN, say("service_pending_test"), say("service_test")) { onEvent(ServiceEvent.Test) }
        is EnrolmentState.Active -> {
            Notice(Weight.GOOD, say("service_active"))
            if (state.testNumber == null) Secondary(say("service_test"), !state.working) { onEvent(ServiceEvent.Test) }
        }
        is EnrolmentState.NeedsApprovalKey ->
            Notice(Weight.WARN, say("service_needs_key"), say("service_new_key")) { onEvent(ServiceEvent.NewApprovalKey) }
        is EnrolmentState.Revoked -> Notice(Weight.DANGER, say("service_revoked", standing.reason.orEmpty()))
        is EnrolmentState.Failed -> Notice(Weight.DANGER, say("service_failed", standing.reason.orEmpty()))
        is EnrolmentState.Damaged -> Notice(Weight.DANGER, say("service_damaged"))
    }
}

@Composable
private fun TestNumber(state: ServiceState.Shown, onEvent: (ServiceEvent) -> Unit) {
    val number = state.testNumber ?: return
    Card {
        Body(say("service_test_number"))
        CodeText(number, MaterialTheme.typography.displayMedium, Modifier, MaterialTheme.colorScheme.primary)
        Primary(say("service_open_test")) { onEvent(Go(Place.Approve())) }
    }
}

@Composable
private fun Removing(state: ServiceState.Shown, onEvent: (ServiceEvent) -> Unit) = Page(
    say("service_remove_title"), { onEvent(ServiceEvent.KeepIt) },
    end = {
        if (state.working) Busy(say("working")) else {
            Primary(say("service_remove_tell")) { onEvent(ServiceEvent.ReallyRemove(tellService = true)) }
            Secondary(say("service_remove_here")) { onEvent(ServiceEvent.ReallyRemove(tellService = false)) }
            Quiet(say("keep")) { onEvent(ServiceEvent.KeepIt) }
        }
    },
) {
    Body(say("service_remove_text", state.enrolment.service ?: state.enrolment.host))
    Aside(say("service_remove_aside"))
    Problem(state.problem)
}

/** An hour. */
private const val QUIET_MS = 3_600_000L
