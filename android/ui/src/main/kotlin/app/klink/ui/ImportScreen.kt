package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.ImportCounts
import app.klink.core.ImportFormat
import app.klink.core.PreviewRow
import app.klink.core.PreviewStatus
import app.klink.core.ProblemReason
import app.klink.presentation.Back
import app.klink.presentation.Go
import app.klink.presentation.ImportEvent
import app.klink.presentation.ImportState
import app.klink.presentation.Model
import app.klink.presentation.Place

/** What comes from another app. */
@Composable
fun ImportScreen(model: Model<ImportState, ImportEvent>) {
    val state by model.state.collectAsState()
    ImportScreen(state, model::on)
}

/** What comes from another app: shown first, then taken over, and counted. */
@Composable
fun ImportScreen(state: ImportState, onEvent: (ImportEvent) -> Unit) = when (state) {
    is ImportState.Choose -> Page(
        say("import_title"), { onEvent(Back) },
        end = {
            if (state.working) {
                Busy(say("import_reading"))
                Secondary(say("cancel")) { onEvent(ImportEvent.Cancel) }
            }
        },
    ) {
        Body(say("import_text"))
        Card { Leads(say("import_scan"), Sign.SCAN, say("import_scan_text")) { onEvent(Go(Place.Scan())) } }
        Card { Leads(say("import_files"), Sign.DOWN, say("import_files_text")) { onEvent(ImportEvent.ChooseFiles) } }
        Card { Leads(say("import_picture"), Sign.CAMERA, say("import_picture_text")) { onEvent(ImportEvent.ChoosePicture) } }
        Problem(state.problem)
    }
    is ImportState.NeedsPassword -> Sealed(state, onEvent)
    is ImportState.TooExpensive -> Page(
        say("import_expensive_title"), { onEvent(Back) },
        end = {
            if (state.working) Busy(say("import_reading")) else Primary(say("import_expensive_go")) { onEvent(ImportEvent.Consent) }
            Secondary(say("cancel")) { onEvent(ImportEvent.Cancel) }
        },
    ) { Notice(Weight.WARN, say("import_expensive_text", state.memoryBytes / MIB)) }
    is ImportState.Preview -> Preview(state, onEvent)
    is ImportState.Done -> Done(state.done.counts, onEvent)
}

/** Asks for the password of a sealed export, and for its key file where there may be one. */
@Composable
private fun Sealed(state: ImportState.NeedsPassword, onEvent: (ImportEvent) -> Unit) {
    var typed by remember { mutableStateOf("") }
    val go = { if (!state.working && typed.isNotEmpty()) onEvent(ImportEvent.Password(typed)) }
    Page(
        say("import_sealed_title"), { onEvent(Back) },
        end = {
            if (state.working) Busy(say("import_opening")) else Primary(say("open"), typed.isNotEmpty(), go)
            Secondary(say("cancel")) { onEvent(ImportEvent.Cancel) }
        },
    ) {
        Body(say("import_sealed_text", state.format.title()))
        Field(say("import_password"), typed, Kind.SECRET, onDone = go) { typed = it }
        if (state.keyFile) Leads(say("import_key_file"), Sign.KEY, say("import_key_file_text")) { onEvent(ImportEvent.ChooseKeyFile) }
        Problem(state.problem)
    }
}

@Composable
private fun Preview(state: ImportState.Preview, onEvent: (ImportEvent) -> Unit) {
    val ticked = state.rows.count { it.ticked }
    Page(
        sayCount("import_found", state.rows.size), { onEvent(Back) },
        end = {
            if (state.working) Busy(say("working"))
            else Primary(sayCount("import_take", ticked), ticked > 0) { onEvent(ImportEvent.Take) }
        },
    ) {
        Body(say("import_preview_text", state.format.title()))
        if (state.missing.isNotEmpty()) Notice(Weight.WARN, say("collect_missing", state.missing.joinToString(", ")))
        if (state.rows.size > 1) Chips {
            Chip(say("import_all"), ticked == state.rows.size) { state.rows.tick(true, onEvent) }
            Chip(say("import_none"), ticked == 0) { state.rows.tick(false, onEvent) }
        }
        for (row in state.rows) key(row.number) { PreviewLine(row, state, onEvent) }
        if (state.problems.isNotEmpty()) Heading(sayCount("import_problems", state.problems.size))
        for (problem in state.problems) Aside(problem.place.name + ": " + say(problem.why.key()))
        Problem(state.problem)
    }
}

private fun List<PreviewRow>.tick(on: Boolean, onEvent: (ImportEvent) -> Unit) =
    forEach { if (it.ticked != on) onEvent(ImportEvent.Tick(it.number, on)) }

/** One account of the file: who, how it stands to what is here, what goes along, and its PIN where it needs one. */
@Composable
private fun PreviewLine(row: PreviewRow, state: ImportState.Preview, onEvent: (ImportEvent) -> Unit) {
    Ticked(
        row.issuer.ifEmpty { row.accountName }, row.ticked,
        listOf(
            if (row.issuer.isEmpty()) "" else row.accountName, say(row.status.key()), row.groups.joinToString(", "), row.note,
            if (row.trashed) say("preview_trashed") else "",
        ).filter { it.isNotEmpty() }.joinToString(" · "),
        enabled = !state.working,
    ) { onEvent(ImportEvent.Tick(row.number, it)) }
    if (row.status !is PreviewStatus.NeedsPin || !row.ticked) return
    var pin by remember { mutableStateOf("") }
    Field(say("pin_of", row.issuer.ifEmpty { row.accountName }), pin, Kind.SECRET) { pin = it }
    Secondary(say("pin_set", row.issuer.ifEmpty { row.accountName }), pin.isNotEmpty() && !state.working) { onEvent(ImportEvent.Pin(row.number, pin)) }
}

/** The app or format by the name that it has itself. */
@Composable
private fun ImportFormat.title(): String = say("format_" + name.lowercase())

@Composable
private fun Done(report: ImportCounts, onEvent: (ImportEvent) -> Unit) = Page(
    say("import_done_title", report.imported, report.total),
    end = { Primary(say("done")) { onEvent(Back) } },
) {
    Notice(Weight.GOOD, sayCount("import_done_text", report.imported.toInt()))
    if (report.duplicates > 0) Body(sayCount("import_duplicates", report.duplicates.toInt()))
    if (report.skipped > 0) Body(sayCount("import_skipped", report.skipped.toInt()))
    if (report.unsupported > 0) Notice(Weight.INFO, sayCount("import_unsupported", report.unsupported.toInt()))
    if (report.damaged > 0) Notice(Weight.WARN, sayCount("import_damaged", report.damaged.toInt()))
}

private fun PreviewStatus.key(): String = when (this) {
    is PreviewStatus.New -> "preview_new"
    is PreviewStatus.NeedsPin -> "preview_needs_pin"
    is PreviewStatus.Duplicate -> "preview_duplicate"
    is PreviewStatus.SameSecretOtherName -> "preview_same_secret_other_name"
    is PreviewStatus.SameNameOtherSecret -> "preview_same_name_other_secret"
}

private fun ProblemReason.key(): String = when (this) {
    is ProblemReason.UnknownKind -> "problem_unknown_kind"
    is ProblemReason.MustBeEnrolledAgain -> "problem_enrol_again"
    is ProblemReason.NeedsPin -> "problem_needs_pin"
    is ProblemReason.DeviceBound -> "problem_device_bound"
    is ProblemReason.NoCode -> "problem_no_code"
    is ProblemReason.TooLarge -> "problem_too_large"
    is ProblemReason.TooMany -> "problem_too_many"
    is ProblemReason.Link, is ProblemReason.Field, is ProblemReason.Seal, is ProblemReason.HalfMissing -> "problem_damaged"
}

private const val MIB = 1 shl 20
