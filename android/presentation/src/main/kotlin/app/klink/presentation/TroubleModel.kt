package app.klink.presentation

import app.klink.core.CopyInfo
import app.klink.core.NextStep
import app.klink.core.Opened
import app.klink.core.UnlockKey
import app.klink.core.VaultMode
import app.klink.presentation.TroubleState.Mended
import app.klink.presentation.TroubleState.NeedsKey
import app.klink.presentation.TroubleState.Salvage
import app.klink.presentation.TroubleState.Shown
import kotlinx.coroutines.CoroutineScope

/** Why the vault may not be changed, and what can be done about it: the core says, the best first. */
class TroubleModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<TroubleState, TroubleEvent>(Shown(null, emptyList(), working = true), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock

    /** What opens the damaged file, from the proposal until it is taken. */
    private var key: UnlockKey? = null

    init {
        once { read(null) }
    }

    override fun on(event: TroubleEvent) = when (event) {
        is TroubleEvent.Take -> once { take(event.step) }
        is TroubleEvent.KeyTyped -> once { typed(typedKey(event.typed, event.isRecoveryCode)) }
        is TroubleEvent.LeaveOut -> leaveOut(event)
        is TroubleEvent.CommitSalvage -> once { commit() }
        is Back -> back()
    }

    private suspend fun read(problem: Message?) {
        val mode = attempt { core.mode() }.or { null }
        val steps = attempt { core.nextSteps() }
        shown.value = when (steps) {
            is Attempt.Done -> Shown((mode as? VaultMode.ReadOnly)?.reason, steps.value, problem = problem)
            is Attempt.Refused -> Shown(null, emptyList(), problem = problem ?: steps.message)
        }
    }

    private suspend fun take(step: NextStep) = when (step) {
        is NextStep.TryAgain -> {
            session.lock()
        }
        is NextStep.UpdateApp -> device.openSystemPage(SystemPage.APP)
        is NextStep.Accept -> does(Mended(null)) { core.accept() }
        is NextStep.AcceptAndMerge -> {
            does(Mended(null)) { core.accept() }
            if (shown.value is Mended) ways.replace(Place.Backup) else Unit
        }
        is NextStep.Salvage, is NextStep.Restore -> shown.value = NeedsKey(step)
        is NextStep.BackUp -> ways.go(Place.Backup)
        is NextStep.StartNew -> {
            does(null) { core.archivePrevious() }
            ways.replace(Place.FirstStart)
        }
    }

    private suspend fun does(then: TroubleState?, what: suspend () -> Unit) {
        (shown.value as? Shown)?.let { shown.value = it.copy(working = true, problem = null) }
        val problem = refused { what() }
        if (problem != null) read(problem) else if (then != null) shown.value = then
    }

    private suspend fun typed(opens: UnlockKey) {
        val state = shown.value as? NeedsKey ?: return
        shown.value = state.copy(working = true, problem = null)
        key = opens
        val problem = when (val step = state.step) {
            is NextStep.Salvage -> propose(opens)
            is NextStep.Restore -> restore(step.number, opens)
            is NextStep.TryAgain, is NextStep.UpdateApp, is NextStep.Accept, is NextStep.AcceptAndMerge, is NextStep.BackUp,
            is NextStep.StartNew,
            -> null
        }
        if (problem != null) {
            forget()
            shown.value = state.copy(working = false, problem = problem)
        }
    }

    private suspend fun propose(opens: UnlockKey): Message? =
        when (val came = attempt { core.salvagePreview(opens, clock.now()) }) {
            is Attempt.Done -> {
                shown.value = Salvage(came.value, emptySet())
                null
            }
            is Attempt.Refused -> came.message
        }

    private suspend fun restore(number: Int, opens: UnlockKey): Message? {
        val came = attempt {
            val copy: CopyInfo? = core.snapshots().find { it.number == number }
            copy?.let { core.restoreBackup(it.path, opens, clock.now()) }
        }
        return when (came) {
            is Attempt.Done -> {
                mended(came.value)
                null
            }
            is Attempt.Refused -> came.message
        }
    }

    private fun leaveOut(event: TroubleEvent.LeaveOut) {
        val state = shown.value as? Salvage ?: return
        shown.value = state.copy(leftOut = if (event.out) state.leftOut + event.id else state.leftOut - event.id)
    }

    private suspend fun commit() {
        val state = shown.value as? Salvage ?: return
        val opens = key ?: return
        shown.value = state.copy(working = true, problem = null)
        when (val came = attempt { core.commitSalvage(state.leftOut.toList(), opens, clock.now()) }) {
            is Attempt.Done -> mended(came.value)
            is Attempt.Refused -> shown.value = state.copy(working = false, problem = came.message)
        }
    }

    private suspend fun mended(opened: Opened?) {
        forget()
        session.opened(opened)
        shown.value = Mended(opened?.report?.accounts)
    }

    private fun forget() {
        key?.let(::wipe)
        key = null
    }

    private fun back() = when (shown.value) {
        is Shown -> ways.back()
        is Mended -> ways.replace(Place.Accounts)
        is NeedsKey, is Salvage -> {
            forget()
            once { read(null) }
        }
    }
}
