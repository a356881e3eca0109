package app.klink.presentation

import app.klink.core.Comparison
import app.klink.core.UnlockKey
import app.klink.core.VaultException
import app.klink.presentation.BackupState.Compared
import app.klink.presentation.BackupState.NeedsKey
import app.klink.presentation.BackupState.Shown
import app.klink.presentation.BackupState.Tested
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** Copies: written and read back, tested, looked into, and taken over from. */
class BackupModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<BackupState, BackupEvent>(Shown(null), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock
    private val preferences = session.phone.preferences

    /** What opened the copy that is being looked into, when the vault's own keys did not. */
    private var key: UnlockKey? = null

    init {
        scope.launch { read() }
    }

    override fun on(event: BackupEvent) = when (event) {
        is BackupEvent.Write -> once { write() }
        is BackupEvent.SnapshotNow -> once { works { refused { core.snapshot(clock.now()) } } }
        is BackupEvent.ChooseFolder -> once { device.pickFolder()?.let { folder(it) } }
        is BackupEvent.LeaveFolder -> once { folder(null) }
        is BackupEvent.Keep -> once { keep(event.backups) }
        is BackupEvent.BackUpNow -> once { backUp() }
        is BackupEvent.Compare -> once { compare(event.path) }
        is BackupEvent.CompareFile -> once { device.pickFiles(many = false).firstOrNull()?.let { compare(it.path) } }
        is BackupEvent.TestFile -> once { device.pickFiles(many = false).firstOrNull()?.let { asks(it.path) } }
        is BackupEvent.Test -> once { testSeen() }
        is BackupEvent.KeyTyped -> once { typed(typedKey(event.typed, event.isRecoveryCode)) }
        is BackupEvent.Tick -> tick(event)
        is BackupEvent.Merge -> once {
            take { state -> BackupState.Merged(core.merge(state.copy, key, state.ticked.toList(), clock.now())) }
        }
        is BackupEvent.Replace -> once { take { state -> BackupState.Replaced(core.replaceBy(state.copy, key, clock.now())) } }
        is BackupEvent.SystemBackup -> systemBackup(event.on)
        is Go -> ways.go(event.place)
        is Back -> back()
    }

    private fun show(next: (Shown) -> Shown) = shown.update { if (it is Shown) next(it) else it }

    private suspend fun read() {
        val came = attempt { core.snapshots().asReversed() to core.backupState(clock.now()) }
        preferences.now.value.run {
            show { it.copy(systemBackup = systemBackup, folder = backupFolder, kept = backupsKept) }
        }
        show {
            when (came) {
                is Attempt.Done -> it.copy(snapshots = came.value.first, state = came.value.second)
                is Attempt.Refused -> it.copy(snapshots = emptyList(), problem = came.message)
            }
        }
    }

    private suspend fun folder(picked: String?) {
        preferences.change { it.copy(backupFolder = picked) }
        if (picked == null) read() else backUp()
    }

    private suspend fun keep(backups: Int) {
        preferences.change { it.copy(backupsKept = backups) }
        read()
    }

    private suspend fun backUp() = works { session.backUp(ifDue = false) }

    /** Says that it works, then what was wrong, and reads everything again. */
    private suspend fun works(what: suspend () -> Message?) {
        show { it.copy(working = true, problem = null) }
        val problem = what()
        show { it.copy(working = false, problem = problem) }
        read()
    }

    private suspend fun write() {
        show { it.copy(working = true, problem = null, written = null) }
        val path = device.draft(FILE)
        val came = attempt { core.writeBackup(path, clock.now()) }
        val written = came.or { null }?.takeIf { device.handOver(path, FILE) }
        show { it.copy(working = false, written = written, problem = (came as? Attempt.Refused)?.message) }
    }

    private suspend fun compare(path: String) {
        shown.value = when (val came = attempt { core.compare(path, key) }) {
            is Attempt.Done -> compared(path, came.value)
            is Attempt.Refused -> when {
                needsKey(came.why) -> NeedsKey(path, problem = came.message.takeIf { key != null })
                else -> Shown(null, problem = came.message)
            }
        }
        if (shown.value is Shown) read()
    }

    private suspend fun typed(key: UnlockKey) {
        val state = shown.value as? NeedsKey ?: return
        shown.value = state.copy(working = true, problem = null)
        this.key = key
        if (state.tested) test(state, key) else compare(state.copy)
    }

    /** Tests what is looked into: with what opened it, unless the vault's own keys did. */
    private suspend fun testSeen() {
        val asked = asks((shown.value as? Compared ?: return).copy)
        key?.let { test(asked, it) }
    }

    private fun asks(copy: String) = NeedsKey(copy, tested = true).also { shown.value = it }

    private suspend fun test(asked: NeedsKey, key: UnlockKey) {
        shown.value = asked.copy(working = true, problem = null)
        val came = attempt { Tested(core.testBackup(asked.copy, key), (core.accounts() + core.trash()).associateBy { it.id }) }
        forget()
        shown.value = came.or { if (needsKey(it.why)) asked.copy(problem = it.message) else Shown(null, problem = it.message) }
        if (shown.value is Shown) read()
    }

    private fun compared(path: String, comparison: Comparison): Compared {
        val proposed = comparison.rows.filter { it.proposed }.map { it.account.id }.toSet()
        return Compared(path, comparison.rows, proposed, comparison.onlyHere)
    }

    private fun tick(event: BackupEvent.Tick) =
        shown.update { if (it is Compared) it.copy(ticked = it.ticked.with(event.id, event.ticked)) else it }

    private suspend fun take(what: suspend (Compared) -> BackupState) {
        val state = shown.value as? Compared ?: return
        shown.value = state.copy(working = true, problem = null)
        when (val came = attempt { what(state) }) {
            is Attempt.Done -> shown.value = came.value.also { forget() }
            is Attempt.Refused -> shown.value = state.copy(working = false, problem = came.message)
        }
    }

    private fun systemBackup(on: Boolean) {
        preferences.change { it.copy(systemBackup = on) }
        show { it.copy(systemBackup = on) }
    }

    private fun back() {
        if (shown.value is Shown) return ways.back()
        // What was typed is tried for seconds: whoever leaves does not wait for it.
        if (shown.value is NeedsKey) giveUp()
        forget()
        shown.value = Shown(null)
        once { read() }
    }

    private fun forget() {
        key?.let(::wipe)
        key = null
    }

    private companion object {
        const val FILE = "klink.akb"
    }
}

/** The copy opens with other keys than those that were tried, or one was typed with a slip. */
internal fun needsKey(why: Exception): Boolean = why is VaultException.WrongKey || why is VaultException.WayIn ||
    why is VaultException.Locked || why is VaultException.RecoveryCode
