package app.klink.presentation

import app.klink.core.Opened
import app.klink.core.StorageTrouble
import app.klink.core.UnlockKey
import app.klink.core.VaultException
import app.klink.core.VaultMode
import app.klink.core.VaultStatus
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** Opens the vault: with the device where that goes, else with what was chosen at the first start. */
class UnlockModel(private val session: Session, scope: CoroutineScope, private val ways: Ways, private val then: Place?) :
    Standing<UnlockState, UnlockEvent>(start(session.phone), scope) {
    private val core = session.phone.core
    private val clock = session.phone.clock

    init {
        scope.launch { session.requests.collect { seen -> shown.update { it.copy(requests = seen.open.size) } } }
    }

    override fun on(event: UnlockEvent) = when (event) {
        is UnlockEvent.Ask -> shown.update { it.copy(asked = event.way, problem = null, waitMs = 0) }
        is UnlockEvent.ByDevice -> once { open(UnlockKey.Device) }
        is UnlockEvent.ByPassphrase -> once { open(passphrase(event.passphrase)) }
        is UnlockEvent.ByRecoveryCode -> once { open(UnlockKey.RecoveryCode(event.typed)) }
        is UnlockEvent.Cancel -> Unit
        is Go -> ways.go(event.place)
    }

    private suspend fun open(key: UnlockKey) {
        shown.update { it.copy(working = true, problem = null) }
        val came = attempt { core.unlock(key, clock.now(), clock.boot()) }
        wipe(key)
        when (came) {
            is Attempt.Done -> opened(came.value)
            is Attempt.Refused -> {
                shown.update { it.copy(working = false, problem = came.message, waitMs = wait(came.why)) }
                count()
                if (needsSalvage(came.why)) ways.go(Place.Trouble)
            }
        }
    }

    private suspend fun opened(opened: Opened) {
        session.opened(opened)
        when (opened.mode) {
            is VaultMode.ReadWrite -> ways.replace(then ?: Place.Accounts)
            is VaultMode.ReadOnly -> {
                ways.replace(Place.Accounts)
                ways.go(Place.Trouble)
            }
        }
    }

    /** Counts a wait down. */
    private fun count() = scope.launch {
        while (shown.value.waitMs > 0) {
            delay(SECOND)
            shown.update { it.copy(waitMs = (it.waitMs - SECOND).coerceAtLeast(0)) }
        }
    }

    private companion object {
        const val SECOND = 1_000L

        /** The file itself does not open: another key will not help. */
        fun needsSalvage(why: Exception) =
            why is VaultException.Storage && why.why is StorageTrouble.Damaged

        fun start(phone: Phone): UnlockState {
            val ways = when (val status = attempt { phone.core.status() }.or { null }) {
                is VaultStatus.Locked -> status.waysIn.ways()
                is VaultStatus.NoVault, is VaultStatus.PreviousVault, is VaultStatus.Unlocked, null -> emptySet()
            }
            return UnlockState(ways, ways.best())
        }
    }
}
