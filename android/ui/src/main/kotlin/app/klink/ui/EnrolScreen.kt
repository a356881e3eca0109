package app.klink.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import app.klink.presentation.EnrolEvent
import app.klink.presentation.EnrolState
import app.klink.presentation.Granted
import app.klink.presentation.Model

/** From a set-up page's code to a phone that approves. */
@Composable
fun EnrolScreen(model: Model<EnrolState, EnrolEvent>) {
    val state by model.state.collectAsState()
    EnrolScreen(state, model::on)
}

/** From a set-up page's code to a phone that approves: host, organisation, check number, test. */
@Composable
fun EnrolScreen(state: EnrolState, onEvent: (EnrolEvent) -> Unit) {
    val close = { onEvent(EnrolEvent.Close) }
    when (state) {
        is EnrolState.TypeCode -> TypeCode(state, onEvent)
        is EnrolState.AskHost -> Page(
            say("enrol_host_title"), close,
            end = {
                if (state.working) Busy(say("enrol_connecting")) else {
                    Primary(say("enrol_connect")) { onEvent(EnrolEvent.Connect) }
                    Secondary(say("cancel"), onClick = close)
                }
            },
        ) {
            Body(say("enrol_host_text"))
            Card { Host(state.host) }
            Aside(say("enrol_host_aside"))
            Problem(state.problem)
        }
        is EnrolState.AskService -> AskService(state, onEvent)
        is EnrolState.Check -> Check(state, onEvent)
        is EnrolState.Unfinished -> Page(
            say("enrol_unfinished_title"), close,
            end = {
                if (state.working) Busy(say("enrol_connecting"))
                else Primary(say("try_again")) { onEvent(EnrolEvent.TryAgain) }
                Quiet(say("close"), onClick = close)
            },
        ) {
            Body(say("enrol_unfinished_text", state.host))
            Problem(state.problem)
        }
        is EnrolState.Done -> Page(
            say("enrol_done_title"), end = { Primary(say("done"), onClick = close) },
        ) {
            Notice(Weight.GOOD, say("enrol_done_text"))
            Card { Who(state.service, state.accountName) }
        }
        is EnrolState.Refused -> Page(
            say("enrol_refused_title"), close, end = { Primary(say("close"), onClick = close) },
        ) { Problem(state.problem) }
    }
}

@Composable
private fun TypeCode(state: EnrolState.TypeCode, onEvent: (EnrolEvent) -> Unit) {
    var host by remember { mutableStateOf("") }
    var code by remember { mutableStateOf("") }
    val typed = { onEvent(EnrolEvent.CodeTyped(host.trim(), code.trim())) }
    Page(
        say("enrol_type_title"), { onEvent(EnrolEvent.Close) },
        end = {
            if (state.working) Busy(say("enrol_connecting"))
            else Primary(say("next"), host.isNotBlank() && code.isNotBlank(), typed)
        },
    ) {
        Body(say("enrol_type_text"))
        Field(say("enrol_type_host"), host, Kind.LINK) { host = it }
        Field(say("enrol_type_code"), code, Kind.CODE, onDone = typed) { code = it }
        Problem(state.problem)
    }
}

@Composable
private fun AskService(state: EnrolState.AskService, onEvent: (EnrolEvent) -> Unit) = Page(
    say("enrol_service_title"), { onEvent(EnrolEvent.Close) },
    end = {
        if (state.working) Busy(say("enrol_setting_up")) else {
            Primary(say("enrol_add")) { onEvent(EnrolEvent.Enrol) }
            Secondary(say("cancel")) { onEvent(EnrolEvent.Close) }
        }
    },
) {
    Body(say("enrol_service_text", state.host))
    Card {
        Who(state.service, state.accountName)
        Host(state.host)
    }
    if (state.clockOff) Notice(Weight.WARN, say("enrol_clock_off"))
    when (state.notifications) {
        Granted.YES -> Unit
        Granted.NOT_YET_ASKED ->
            Notice(Weight.INFO, say("enrol_notifications"), say("allow")) { onEvent(EnrolEvent.AllowNotifications) }
        Granted.NO ->
            Notice(Weight.WARN, say("enrol_notifications_off"), say("open_settings")) { onEvent(EnrolEvent.AllowNotifications) }
    }
    if (state.distributors.isNotEmpty()) ChooseDistributor(state.distributors, state.distributor) { onEvent(EnrolEvent.Choose(it)) }
    Problem(state.problem)
}

@Composable
private fun Check(state: EnrolState.Check, onEvent: (EnrolEvent) -> Unit) {
    val number = state.number
    Page(
        say(if (number == null) "enrol_test_title" else "enrol_check_title"), { onEvent(EnrolEvent.Close) },
        end = {
            Primary(say("enrol_open_test")) { onEvent(EnrolEvent.OpenTest) }
            Quiet(say("enrol_later")) { onEvent(EnrolEvent.Close) }
        },
    ) {
        if (number != null) {
            Body(say("enrol_check_text"))
            Card {
                Column(Modifier.fillMaxWidth(), horizontalAlignment = Alignment.CenterHorizontally) {
                    CodeText(number, MaterialTheme.typography.displayMedium, color = MaterialTheme.colorScheme.primary)
                }
            }
            Aside(say("enrol_check_other"))
        }
        Body(say("enrol_test_text", state.service))
        Problem(state.problem)
    }
}

/** The organisation and the account there. */
@Composable
fun Who(service: String, accountName: String) = Row(
    Modifier.fillMaxWidth(), Arrangement.spacedBy(12.dp), Alignment.CenterVertically,
) {
    Mark(service)
    Column(Modifier.weight(1f)) {
        Text(service, style = MaterialTheme.typography.titleMedium)
        Aside(accountName)
    }
}

/** A host in full, in letters of one width: what looks alike should not. */
@Composable
private fun Host(host: String) = Row(
    Modifier.fillMaxWidth(), Arrangement.spacedBy(12.dp), Alignment.CenterVertically,
) {
    Icon(Sign.GLOBE.lines, null, tint = MaterialTheme.colorScheme.primary)
    Text(host, Modifier.weight(1f), style = MaterialTheme.typography.bodyLarge.merge(TABULAR))
}
