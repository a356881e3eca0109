package app.klink.presentation

import app.klink.core.AuthenticatorInterface
import app.klink.core.UnlockKey
import app.klink.core.VaultException
import app.klink.core.WayIn
import app.klink.core.WayInKind

/** Opens a way in again for one deed, and says how that stands. */
internal class Confirmer(private val core: AuthenticatorInterface, private val show: (UnlockState?) -> Unit) {
    private var now: UnlockState? = null
    private var deed: (suspend (UnlockKey) -> Unit)? = null

    /** Asks for a way in; what is opened with it is for [deed] alone. [except] are ways that will not do. */
    suspend fun ask(except: Set<UnlockState.Way> = emptySet(), deed: suspend (UnlockKey) -> Unit) {
        val ways = attempt { core.waysIn() }.or { emptyList() }.ways() - except
        this.deed = deed
        put(UnlockState(ways, ways.best()))
    }

    /** Takes what the person did. Tells whether the deed is done, or was given up. */
    suspend fun on(event: UnlockEvent) {
        val asked = now ?: return
        when (event) {
            is UnlockEvent.Ask -> put(asked.copy(asked = event.way, problem = null, waitMs = 0))
            is UnlockEvent.ByDevice -> open(UnlockKey.Device)
            is UnlockEvent.ByPassphrase -> open(passphrase(event.passphrase))
            is UnlockEvent.ByRecoveryCode -> open(UnlockKey.RecoveryCode(event.typed))
            is UnlockEvent.Cancel -> done()
            is Go -> Unit
        }
    }

    private suspend fun open(key: UnlockKey) {
        val asked = now ?: return
        val deed = deed ?: return
        put(asked.copy(working = true, problem = null))
        when (val came = attempt { deed(key) }) {
            is Attempt.Done -> done()
            is Attempt.Refused -> put(asked.copy(working = false, problem = came.message, waitMs = wait(came.why)))
        }
        wipe(key)
    }

    private fun done() {
        deed = null
        put(null)
    }

    private fun put(confirming: UnlockState?) {
        now = confirming
        show(confirming)
    }
}

/** The ways of [this] that a person can be asked for. */
internal fun List<WayIn>.ways(): Set<UnlockState.Way> = filterNot { it.damaged }.mapNotNull { way ->
    when (way.kind) {
        WayInKind.PASSPHRASE -> UnlockState.Way.PASSPHRASE
        WayInKind.RECOVERY_CODE -> UnlockState.Way.RECOVERY_CODE
        WayInKind.DEVICE -> UnlockState.Way.DEVICE
        WayInKind.DEVICE_ALONE, WayInKind.UNKNOWN -> null
    }
}.toSet()

/** The way that is the least trouble. */
internal fun Set<UnlockState.Way>.best(): UnlockState.Way = UnlockState.Way.entries.firstOrNull { it in this }
    ?: UnlockState.Way.RECOVERY_CODE

/** How long a person has to wait because of [why]. */
internal fun wait(why: Exception): Long = (why as? VaultException.TooSoon)?.waitMs ?: 0

/** What was typed, as a key. */
internal fun typedKey(typed: String, isRecoveryCode: Boolean): UnlockKey =
    if (isRecoveryCode) UnlockKey.RecoveryCode(typed) else passphrase(typed)

internal fun passphrase(typed: String) = UnlockKey.Passphrase(typed.toByteArray())

/** Overwrites what was typed: the core has its own copy, and wipes it itself. */
internal fun wipe(key: UnlockKey) = when (key) {
    is UnlockKey.Passphrase -> key.passphrase.fill(0)
    is UnlockKey.RecoveryCode, is UnlockKey.Device -> Unit
}
