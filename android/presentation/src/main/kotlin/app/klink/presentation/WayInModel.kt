package app.klink.presentation

import app.klink.core.NewVault
import app.klink.core.RecoveryCodeSlip
import app.klink.core.TypedBack
import app.klink.core.UnlockKey
import app.klink.core.VaultException
import kotlinx.coroutines.CoroutineScope

/** Gives the vault another passphrase, or another recovery code where [isCode]. */
class WayInModel(private val session: Session, scope: CoroutineScope, private val ways: Ways, private val isCode: Boolean) :
    Standing<WayInState, WayInEvent>(NewKeyState.ChoosePassphrase(), scope) {
    private val core = session.phone.core
    private val newKey = NewKey(session.phone.library, { shown.value = it }, ::once) { new, _ -> confirm(new) }

    /** Where a confirmation that was given up leads back to. */
    private var first: WayInState = NewKeyState.ChoosePassphrase()
    private val confirmer = Confirmer(core) { confirming ->
        if (confirming != null) shown.value = WayInState.Asked(confirming) else if (shown.value is WayInState.Asked) shown.value = first
    }

    init {
        if (isCode) newKey.showCode()
        first = shown.value
    }

    override fun on(event: WayInEvent) = when (event) {
        is NewKeyEvent -> newKey.on(event)
        is Confirm -> once { confirmer.on(event.event) }
        is Back -> (shown.value as? NewKeyState)?.let(newKey::before)?.let { shown.value = it } ?: ways.back()
    }

    private suspend fun confirm(new: NewVault): Message? {
        confirmer.ask { key ->
            new.passphrase?.let { core.changePassphrase(key, it, session.phone.clock.now()) }
            if (new.recoveryCode?.let { renew(key, it) } != false) shown.value = WayInState.Done(isCode)
            new.passphrase?.fill(0)
        }
        return null
    }

    private suspend fun renew(key: UnlockKey, code: TypedBack): Boolean = try {
        core.renewRecoveryCode(key, code, session.phone.clock.now())
        true
    } catch (slip: VaultException.RecoveryCode) {
        // It may be the code that is typed to confirm which has the slip: that one is asked for again.
        if (key is UnlockKey.RecoveryCode && slip.slip !is RecoveryCodeSlip.Differs) throw slip
        shown.value = NewKeyState.RepeatRecoveryCode(problem = message(slip))
        false
    }
}
