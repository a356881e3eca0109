package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.core.ImportCounts
import app.klink.core.PreviewStatus
import app.klink.core.ProblemReason
import app.klink.presentation.ImportEvent
import app.klink.presentation.ImportState
import app.klink.presentation.Model

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
        say("import_title"), { onEvent(ImportEvent.Back) },
        end = { if (state.working) Busy(say("scan_looking")) },
    ) {
        Body(say("import_text"))
        Card { Leads(say("import_scan"), Sign.SCAN, say("import_scan_text")) { onEvent(ImportEvent.ScanCodes) } }
        Card { Leads(say("import_files"), Sign.DOWN, say("import_files_text")) { onEvent(ImportEvent.ChooseFiles) } }
        Card { Leads(say("import_picture"), Sign.CAMERA, say("import_picture_text")) { onEvent(ImportEvent.ChoosePicture) } }
        Problem(state.problem)
    }
    is ImportState.NeedsPassword -> Sealed(state, onEvent)
    is ImportState.TooExpensive -> Page(
        say("import_expensive_title"), { onEvent(ImportEvent.Back) },
        end = {
            if (state.working) Busy(say("working")) else Primary(say("import_expensive_go")) { onEvent(ImportEvent.Consent) }
        },
    ) { Notice(Weight.WARN, say("import_expensive_text", state.memoryBytes / MIB)) }
    is ImportState.Preview -> Preview(state, onEvent)
    is ImportState.Done -> Done(state.done.counts, onEvent)
}

/** Asks for the password of a sealed export. */
@Composable
private fun Sealed(state: ImportState.NeedsPassword, onEvent: (ImportEvent) -> Unit) = TypeAgain(
    say("import_sealed_title"), say("import_sealed_text"), say("import_password"), Kind.SECRET, state.working, state.problem,
    { onEvent(ImportEvent.Back) },
) { onEvent(ImportEvent.Password(it)) }

@Composable
private fun Preview(state: ImportState.Preview, onEvent: (ImportEvent) -> Unit) {
    val ticked = state.rows.count { it.ticked }
    Page(
        sayCount("import_found", state.rows.size), { onEvent(ImportEvent.Back) },
        end = {
            if (state.working) Busy(say("working"))
            else Primary(sayCount("import_take", ticked), ticked > 0) { onEvent(ImportEvent.Take) }
        },
    ) {
        Body(say("import_preview_text"))
        for (row in state.rows) Ticked(
            row.issuer.ifEmpty { row.accountName }, row.ticked,
            listOf(if (row.issuer.isEmpty()) "" else row.accountName, say(row.status.key())).filter { it.isNotEmpty() }.joinToString(" · "),
            enabled = !state.working,
        ) { onEvent(ImportEvent.Tick(row.number, it)) }
        if (state.problems.isNotEmpty()) Heading(sayCount("import_problems", state.problems.size))
        for (problem in state.problems) Aside(problem.place.name + ": " + say(problem.why.key()))
        Problem(state.problem)
    }
}

@Composable
private fun Done(report: ImportCounts, onEvent: (ImportEvent) -> Unit) = Page(
    say("import_done_title", report.imported, report.total),
    end = { Primary(say("done")) { onEvent(ImportEvent.Back) } },
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
