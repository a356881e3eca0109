package app.klink.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import app.klink.core.BackupTrouble
import app.klink.core.ComparedAccount
import app.klink.core.ComparedStatus
import app.klink.core.CopyInfo
import app.klink.core.SnapshotState
import app.klink.presentation.Back
import app.klink.presentation.BackupEvent
import app.klink.presentation.BackupState
import app.klink.presentation.Go
import app.klink.presentation.Message
import app.klink.presentation.Model
import app.klink.presentation.Place

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
        say(if (state.tested) "backup_test" else "open_backup_title"), say(if (state.tested) "backup_test_key" else "backup_needs_key"),
        state.working, state.problem, { onEvent(Back) },
    ) { typed, isCode -> onEvent(BackupEvent.KeyTyped(typed, isCode)) }
    is BackupState.Tested -> Tested(state, onEvent)
    is BackupState.Merged -> Page(
        say("backup_merged_title"), end = { Primary(say("done")) { onEvent(Back) } },
    ) { Notice(Weight.GOOD, sayCount("backup_merged", state.accounts.toInt())) }
    is BackupState.Replaced -> Page(
        say("backup_merged_title"), end = { Primary(say("done")) { onEvent(Back) } },
    ) {
        Notice(Weight.GOOD, sayCount("backup_replaced", state.replaced.taken.toInt()))
        if (state.replaced.trashed > 0) Body(sayCount("backup_replaced_trashed", state.replaced.trashed.toInt()))
        if (state.replaced.damaged.isNotEmpty()) Notice(Weight.WARN, sayCount("import_damaged", state.replaced.damaged.size))
    }
}

@Composable
private fun Shown(state: BackupState.Shown, onEvent: (BackupEvent) -> Unit) = Page(
    say("backup_title"), { onEvent(Back) },
    end = { if (state.working) Busy(say("working")) },
) {
    Body(say("backup_text"))
    state.written?.let { Notice(Weight.GOOD, sayCount("backup_written", (it.says?.accounts ?: 0).toInt())) }
    Problem(state.problem)
    state.state?.let { Standing(it) }
    Folder(state, onEvent)
    Heading(say("backup_once"))
    Leads(say("backup_write"), Sign.UP) { onEvent(BackupEvent.Write) }
    Leads(say("backup_compare_file"), Sign.DOWN) { onEvent(BackupEvent.CompareFile) }
    Leads(say("backup_test_file"), Sign.SHIELD, say("backup_test_below")) { onEvent(BackupEvent.TestFile) }
    Leads(say("move_title"), Sign.PHONE, say("move_below")) { onEvent(Go(Place.Move())) }
    Leads(say("export_title"), Sign.COPY, say("export_below")) { onEvent(Go(Place.Export)) }
    Switched(say("backup_system"), state.systemBackup, say("backup_system_text")) { onEvent(BackupEvent.SystemBackup(it)) }
    Heading(say("backup_snapshots"))
    val snapshots = state.snapshots
    if (snapshots == null) Busy(say("working"))
    else if (snapshots.isEmpty()) Aside(say("backup_none"))
    else for (copy in snapshots) Leads(copy.title(), Sign.COPY, say(copy.state.key())) { onEvent(BackupEvent.Compare(copy.path)) }
    Quiet(say("backup_snapshot_now")) { onEvent(BackupEvent.SnapshotNow) }
}

/** When the last good backup was written, and what keeps the next one away. */
@Composable
private fun Standing(state: app.klink.core.BackupState) {
    val last = state.lastGood
    if (last != null) Fact(Sign.CHECK, sayCount("backup_copy", last.accounts.toInt(), LocalWords.current.date(last.atMs)))
    when (val trouble = state.trouble) {
        null -> Unit
        is BackupTrouble.Never -> Notice(Weight.WARN, say("backup_never"))
        is BackupTrouble.Old -> Notice(Weight.WARN, say("banner_backup_old"))
        is BackupTrouble.Failing -> Notice(Weight.DANGER, say("backup_failing", LocalWords.current.date(trouble.sinceMs)))
    }
}

/** Backups that are written by themselves: where, and how many stay. */
@Composable
private fun Folder(state: BackupState.Shown, onEvent: (BackupEvent) -> Unit) {
    Heading(say("backup_folder"))
    val folder = state.folder
    Aside(say(if (folder == null) "backup_folder_none" else "backup_folder_text"))
    if (folder == null) return Secondary(say("backup_folder_choose"), !state.working) { onEvent(BackupEvent.ChooseFolder) }
    Chips {
        for (kept in KEPT) Chip(sayCount("backup_keep", kept), state.kept == kept) { onEvent(BackupEvent.Keep(kept)) }
    }
    Secondary(say("backup_now"), !state.working) { onEvent(BackupEvent.BackUpNow) }
    Leads(say("backup_folder_other"), Sign.FOLDER) { onEvent(BackupEvent.ChooseFolder) }
    Leads(say("backup_folder_leave"), Sign.CLOSE) { onEvent(BackupEvent.LeaveFolder) }
}

/** How many backups may stay. */
private val KEPT = listOf(3, 10, 30, 100)

@Composable
private fun CopyInfo.title(): String {
    val says = says ?: return say("backup_copy_number", number)
    return sayCount("backup_copy", says.accounts.toInt(), LocalWords.current.date(says.createdAtMs))
}

@Composable
private fun Compared(state: BackupState.Compared, onEvent: (BackupEvent) -> Unit) {
    var replacing by remember { mutableStateOf(false) }
    CompareList(
        say("compare_title"), state.rows, state.ticked, state.working, state.problem, { onEvent(Back) },
        "compare_merge", { onEvent(BackupEvent.Merge) }, { id, on -> onEvent(BackupEvent.Tick(id, on)) },
        {
            Quiet(say("backup_test")) { onEvent(BackupEvent.Test) }
            Quiet(say("backup_replace"), danger = true) { replacing = true }
        },
    ) { if (state.onlyHere > 0) Aside(sayCount("compare_only_here", state.onlyHere.toInt())) }
    if (replacing) Really(
        say("backup_replace_title"), say("backup_replace_text"), say("backup_replace_yes"), say("keep"),
        { replacing = false; onEvent(BackupEvent.Replace) }, { replacing = false },
    )
}

/** What a test found: how many accounts opened, which did not, and what opened them. */
@Composable
private fun Tested(state: BackupState.Tested, onEvent: (BackupEvent) -> Unit) = Page(
    say("backup_tested_title"), end = { Primary(say("done")) { onEvent(Back) } },
) {
    val test = state.test
    val opened = (test.accounts + test.trashed - test.damaged.size).toInt()
    if (test.damaged.isEmpty()) Notice(Weight.GOOD, sayCount("backup_tested", opened)) else {
        Notice(Weight.DANGER, sayCount("backup_test_damaged", test.damaged.size))
        for (id in test.damaged) state.names[id].let { here ->
            val name = here?.run { issuer.ifEmpty { accountName } }.orEmpty()
            Line(name.ifEmpty { say("export_nameless") }, sign = Sign.WARN, below = here?.accountName)
        }
        Body(sayCount("backup_test_others", opened))
    }
    if (test.unknown > 0) Notice(Weight.WARN, sayCount("backup_test_unknown", test.unknown.toInt()))
    Fact(Sign.COPY, sayCount("backup_copy", test.accounts.toInt(), LocalWords.current.date(test.createdAtMs)))
    if (test.trashed > 0) Fact(Sign.TRASH, sayCount("trash_count", test.trashed.toInt()))
    Heading(say("backup_test_opened"))
    Line(
        say(test.openedBy.kind.key()), sign = Sign.KEY,
        below = test.openedBy.createdAtMs?.let { say("way_in_since", LocalWords.current.date(it)) },
    )
}

/** How the accounts of a copy or a move stand to those that are here; what is ticked is taken by [take], a plural's name. */
@Composable
fun CompareList(
    title: String, rows: List<ComparedAccount>, ticked: Set<String>, working: Boolean, problem: Message?, onBack: () -> Unit,
    take: String, onTake: () -> Unit, onTick: (String, Boolean) -> Unit,
    other: @Composable () -> Unit = {}, above: @Composable () -> Unit = {},
) {
    val different = rows.filter { it.status !is ComparedStatus.Same }
    Page(
        title, onBack,
        end = {
            if (working) Busy(say("working")) else {
                Primary(sayCount(take, ticked.size), ticked.isNotEmpty() || different.isEmpty(), onTake)
                other()
            }
        },
    ) {
        Body(sayCount("compare_same", rows.size - different.size))
        above()
        for (row in different) Ticked(
            row.account.issuer.ifEmpty { row.account.accountName }, row.account.id in ticked,
            row.account.accountName + " · " + row.status.told(), enabled = !working,
        ) { onTick(row.account.id, it) }
        Problem(problem)
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
