package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.ExportFormat
import app.klink.core.ExportReport
import app.klink.core.SheetWords
import app.klink.presentation.Back
import app.klink.presentation.Confirm
import app.klink.presentation.ExportEvent
import app.klink.presentation.ExportState
import app.klink.presentation.Model

/** Accounts on their way out. */
@Composable
fun ExportScreen(model: Model<ExportState, ExportEvent>) {
    val state by model.state.collectAsState()
    ExportScreen(state, model::on)
}

/** Accounts on their way out: which format, what it holds and leaves out, the warning, then the file or the codes. */
@Composable
fun ExportScreen(state: ExportState, onEvent: (ExportEvent) -> Unit) = when (state) {
    is ExportState.Choose -> Page(
        say("export_title"), { onEvent(Back) }, end = { if (state.working) Busy(say("working")) },
    ) {
        Body(say("export_text"))
        for (one in state.formats) Card {
            val name = "export_" + one.format.name.lowercase()
            Leads(say(name), if (one.plain) Sign.WARN else Sign.LOCK, say(name + "_text")) { onEvent(ExportEvent.Choose(one.format)) }
        }
        Problem(state.problem)
    }
    is ExportState.Ready -> {
        val confirming = state.confirming
        if (confirming != null) ConfirmScreen(confirming) { onEvent(Confirm(it)) } else Ready(state, onEvent)
    }
    is ExportState.Codes -> Page(
        say("export_codes_title"), { onEvent(Back) }, end = { Primary(say("done")) { onEvent(Back) } },
    ) {
        Notice(Weight.WARN, say("export_codes_warn"))
        QrPages(state.codes)
    }
    is ExportState.Done -> Page(say("export_done_title"), end = { Primary(say("done")) { onEvent(Back) } }) {
        Notice(Weight.GOOD, sayCount("export_done", state.report.written.size))
        LeftOut(state.report)
    }
}

@Composable
private fun Ready(state: ExportState.Ready, onEvent: (ExportEvent) -> Unit) {
    val format = state.format.format
    var password by remember { mutableStateOf("") }
    var again by remember { mutableStateOf("") }
    var understood by remember { mutableStateOf(false) }
    val ready = if (state.format.plain) understood else format != ExportFormat.AEGIS || (password.isNotEmpty() && password == again)
    val words = LocalWords.current
    Page(
        say("export_" + format.name.lowercase()), { onEvent(Back) },
        end = {
            if (state.working) Busy(say("working"))
            else Primary(say(if (format.isShown()) "export_show" else "export_write"), ready && state.report.written.isNotEmpty()) {
                onEvent(ExportEvent.Write(password, words.sheet(), words.text("export_file_" + format.name.lowercase())))
            }
        },
    ) {
        Body(sayCount("export_holds", state.report.written.size))
        LeftOut(state.report)
        for (one in state.report.leftOut) Line(
            state.names[one.id]?.run { issuer.ifEmpty { accountName } } ?: say("export_nameless"), sign = Sign.WARN,
            below = say("left_out_" + one.why.name.lowercase()),
        )
        if (format == ExportFormat.AEGIS) {
            Field(say("export_password"), password, Kind.SECRET) { password = it }
            Field(say("export_password_again"), again, Kind.SECRET) { again = it }
            if (again.isNotEmpty() && again != password) Aside(say("export_password_differs"))
        }
        if (state.format.plain) {
            Notice(Weight.DANGER, say("export_plain_warn"))
            Ticked(say("export_understood"), understood) { understood = it }
        }
        Problem(state.problem)
    }
}

/** What an export does not hold, counted. */
@Composable
private fun LeftOut(report: ExportReport) {
    if (report.leftOut.isNotEmpty()) Notice(Weight.WARN, sayCount("export_left_out", report.leftOut.size))
    for (one in report.lost) Aside(sayCount("lost_" + one.what.name.lowercase(), one.accounts.toInt()))
}

/** Whether it is shown as codes and not written to a file. */
private fun ExportFormat.isShown() = this == ExportFormat.GOOGLE_MIGRATION || this == ExportFormat.CODES

private fun Words.sheet() = SheetWords(text("language"), text("sheet_title"), text("sheet_warning"), text("export_nameless"))
