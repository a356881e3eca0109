package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import app.klink.core.ComparedStatus
import app.klink.core.CopyInfo
import app.klink.core.SnapshotState
import app.klink.presentation.BackupEvent
import app.klink.presentation.BackupState
import app.klink.presentation.Model

/** Sealed copies. */
@Composable
fun BackupScreen(model: Model<BackupState, BackupEvent>) {
    val state by model.state.collectAsState()
    BackupScreen(state, model::on)
}

/** Sealed copies: the backup that goes where the person wants, those the app makes itself, and what they hold. */
@Composable
fun BackupScreen(state: BackupState, onEvent: (BackupEvent) -> Unit) = when (state) {
    is BackupState.Shown -> Shown(state, onEvent)
    is BackupState.Compared -> Compared(state, onEvent)
    is BackupState.NeedsKey -> KeyPage(
        say("open_backup_title"), say("backup_needs_key"), state.working, state.problem, { onEvent(BackupEvent.Back) },
    ) { typed, isCode -> onEvent(BackupEvent.KeyTyped(typed, isCode)) }
    is BackupState.Merged -> Page(
        say("backup_merged_title"), end = { Primary(say("done")) { onEvent(BackupEvent.Back) } },
    ) { Notice(Weight.GOOD, sayCount("backup_merged", state.accounts.toInt())) }
}

@Composable
private fun Shown(state: BackupState.Shown, onEvent: (BackupEvent) -> Unit) = Page(
    say("backup_title"), { onEvent(BackupEvent.Back) },
    end = {
        if (state.working) Busy(say("working")) else {
            Primary(say("backup_write")) { onEvent(BackupEvent.Write) }
            Secondary(say("backup_compare_file")) { onEvent(BackupEvent.CompareFile) }
        }
    },
) {
    Body(say("backup_text"))
    state.written?.let { Notice(Weight.GOOD, sayCount("backup_written", (it.says?.accounts ?: 0).toInt())) }
    Problem(state.problem)
    Switched(say("backup_system"), state.systemBackup, say("backup_system_text")) { onEvent(BackupEvent.SystemBackup(it)) }
    Heading(say("backup_snapshots"))
    val snapshots = state.snapshots
    if (snapshots == null) Busy(say("working"))
    else if (snapshots.isEmpty()) Aside(say("backup_none"))
    else for (copy in snapshots) Leads(copy.title(), Sign.COPY, say(copy.state.key())) { onEvent(BackupEvent.Compare(copy.path)) }
    Quiet(say("backup_snapshot_now")) { onEvent(BackupEvent.SnapshotNow) }
}

@Composable
private fun CopyInfo.title(): String {
    val says = says ?: return say("backup_copy_number", number)
    return sayCount("backup_copy", says.accounts.toInt(), LocalWords.current.date(says.createdAtMs))
}

@Composable
private fun Compared(state: BackupState.Compared, onEvent: (BackupEvent) -> Unit) {
    val different = state.rows.filter { it.status !is ComparedStatus.Same }
    Page(
        say("compare_title"), { onEvent(BackupEvent.Back) },
        end = {
            if (state.working) Busy(say("working"))
            else Primary(sayCount("compare_merge", state.ticked.size), state.ticked.isNotEmpty()) { onEvent(BackupEvent.Merge) }
        },
    ) {
        Body(sayCount("compare_same", state.rows.size - different.size))
        if (state.onlyHere > 0) Aside(sayCount("compare_only_here", state.onlyHere.toInt()))
        for (row in different) Ticked(
            row.account.issuer.ifEmpty { row.account.accountName }, row.account.id in state.ticked,
            row.account.accountName + " · " + row.status.told(),
        ) { onEvent(BackupEvent.Tick(row.account.id, it)) }
        Problem(state.problem)
    }
}

private fun SnapshotState.key(): String = "snapshot_" + name.lowercase()

@Composable
private fun ComparedStatus.told(): String = when (this) {
    is ComparedStatus.Same -> say("compared_same")
    is ComparedStatus.Missing -> say("compared_missing")
    is ComparedStatus.SameCredential -> say("compared_same_credential")
    is ComparedStatus.DamagedHere -> say("compared_damaged_here")
    is ComparedStatus.NewerThere -> say("compared_newer_there")
    is ComparedStatus.OlderThere -> say("compared_older_there")
    is ComparedStatus.Differs -> say("compared_differs")
    is ComparedStatus.CounterForked -> say("compared_counter_forked", here, there)
    is ComparedStatus.DamagedThere -> say("compared_damaged_there")
}
