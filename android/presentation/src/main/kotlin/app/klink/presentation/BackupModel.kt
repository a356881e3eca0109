package app.klink.presentation

import app.klink.core.Comparison
import app.klink.core.UnlockKey
import app.klink.core.VaultException
import app.klink.presentation.BackupState.Compared
import app.klink.presentation.BackupState.NeedsKey
import app.klink.presentation.BackupState.Shown
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update

/** Copies: written and read back, looked into, and taken over from. */
class BackupModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<BackupState, BackupEvent>(Shown(null), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock
    private val preferences = session.phone.preferences

    /** What opened the copy that is being looked into, when the vault's own keys did not. */
    private var key: UnlockKey? = null

    init {
        once { read() }
    }

    override fun on(event: BackupEvent) = when (event) {
        is BackupEvent.Write -> once { write() }
        is BackupEvent.SnapshotNow -> once { snapshot() }
        is BackupEvent.Compare -> once { compare(event.path) }
        is BackupEvent.CompareFile -> once { device.pickFiles(many = false).firstOrNull()?.let { compare(it.path) } }
        is BackupEvent.KeyTyped -> once { typed(typedKey(event.typed, event.isRecoveryCode)) }
        is BackupEvent.Tick -> tick(event)
        is BackupEvent.Merge -> once { merge() }
        is BackupEvent.SystemBackup -> systemBackup(event.on)
        is BackupEvent.Back -> back()
    }

    private fun show(next: (Shown) -> Shown) = shown.update { if (it is Shown) next(it) else it }

    private suspend fun read() {
        val came = attempt { core.snapshots().asReversed() }
        val on = preferences.now.value.systemBackup
        show {
            when (came) {
                is Attempt.Done -> it.copy(snapshots = came.value, systemBackup = on)
                is Attempt.Refused -> it.copy(snapshots = emptyList(), systemBackup = on, problem = came.message)
            }
        }
    }

    private suspend fun write() {
        show { it.copy(working = true, problem = null, written = null) }
        val path = device.draft(FILE)
        val came = attempt { core.writeBackup(path, clock.now()) }
        show {
            when (came) {
                is Attempt.Done -> it
                is Attempt.Refused -> it.copy(problem = came.message)
            }
        }
        val written = (came as? Attempt.Done)?.value?.takeIf { device.handOver(path, FILE) }
        show { it.copy(working = false, written = written) }
    }

    private suspend fun snapshot() {
        show { it.copy(working = true, problem = null) }
        val problem = refused { core.snapshot(clock.now()) }
        show { it.copy(working = false, problem = problem) }
        read()
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
        compare(state.copy)
    }

    private fun compared(path: String, comparison: Comparison): Compared {
        val proposed = comparison.rows.filter { it.proposed }.map { it.account.id }.toSet()
        return Compared(path, comparison.rows, proposed, comparison.onlyHere)
    }

    private fun tick(event: BackupEvent.Tick) = shown.update {
        if (it is Compared) it.copy(ticked = if (event.ticked) it.ticked + event.id else it.ticked - event.id) else it
    }

    private suspend fun merge() {
        val state = shown.value as? Compared ?: return
        shown.value = state.copy(working = true, problem = null)
        val came = attempt { core.merge(state.copy, key, state.ticked.toList(), clock.now()) }
        shown.value = when (came) {
            is Attempt.Done -> BackupState.Merged(came.value)
            is Attempt.Refused -> state.copy(working = false, problem = came.message)
        }
        if (came is Attempt.Done) forget()
    }

    private fun systemBackup(on: Boolean) {
        preferences.change { it.copy(systemBackup = on) }
        show { it.copy(systemBackup = on) }
    }

    private fun back() {
        if (shown.value is Shown) return ways.back()
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

/** The copy opens with other keys than those that were tried. */
internal fun needsKey(why: Exception): Boolean =
    why is VaultException.WrongKey || why is VaultException.WayIn || why is VaultException.Locked
