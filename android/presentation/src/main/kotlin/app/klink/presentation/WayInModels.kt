package app.klink.presentation

import app.klink.core.RecoveryCodeSlip
import app.klink.core.TypedBack
import app.klink.core.UnlockKey
import app.klink.core.VaultException
import kotlinx.coroutines.CoroutineScope

/** Gives the vault another passphrase. */
class PassphraseModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<PassphraseState, PassphraseEvent>(PassphraseState.Choose(), scope) {
    private val core = session.phone.core
    private var chosen = ""
    private val confirmer = Confirmer(core) { confirming ->
        if (confirming != null) {
            shown.value = PassphraseState.Confirm(confirming)
        } else if (shown.value is PassphraseState.Confirm) {
            shown.value = PassphraseState.Choose()
        }
    }

    override fun on(event: PassphraseEvent) = when (event) {
        is PassphraseEvent.Typed -> estimate(event.passphrase)
        is PassphraseEvent.Chosen -> keep(event.passphrase)
        is PassphraseEvent.Repeated -> once { repeated(event.passphrase) }
        is PassphraseEvent.Confirm -> once { confirmer.on(event.event) }
        is PassphraseEvent.Back -> back()
    }

    private fun estimate(passphrase: String) {
        val strength = if (passphrase.isEmpty()) null else session.phone.library.strength(passphrase)
        shown.value = PassphraseState.Choose(strength)
    }

    private fun keep(passphrase: String) {
        chosen = passphrase
        val empty = Message(Sentence.PASSPHRASE_EMPTY)
        shown.value = if (passphrase.isEmpty()) PassphraseState.Choose(problem = empty) else PassphraseState.Repeat()
    }

    private suspend fun repeated(passphrase: String) {
        if (passphrase != chosen) {
            shown.value = PassphraseState.Repeat(Message(Sentence.PASSPHRASE_DIFFERS))
            return
        }
        confirmer.ask { key -> change(key) }
    }

    private suspend fun change(key: UnlockKey) {
        core.changePassphrase(key, chosen.toByteArray(), session.phone.clock.now())
        chosen = ""
        shown.value = PassphraseState.Done
    }

    private fun back() = when (shown.value) {
        is PassphraseState.Repeat -> shown.value = PassphraseState.Choose()
        is PassphraseState.Choose, is PassphraseState.Confirm, is PassphraseState.Done -> ways.back()
    }
}

/** Gives the vault another recovery code. */
class RecoveryCodeModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<RecoveryCodeState, RecoveryCodeEvent>(made(session.phone.library), scope) {
    private val core = session.phone.core
    private val code = (shown.value as RecoveryCodeState.Show).code
    private val confirmer = Confirmer(core) { confirming ->
        if (confirming != null) {
            shown.value = RecoveryCodeState.Confirm(confirming)
        } else if (shown.value is RecoveryCodeState.Confirm) {
            shown.value = RecoveryCodeState.Show(code)
        }
    }

    override fun on(event: RecoveryCodeEvent) = when (event) {
        is RecoveryCodeEvent.WrittenDown -> if (code != null) shown.value = RecoveryCodeState.Repeat() else Unit
        is RecoveryCodeEvent.Repeated -> once { repeated(event.typed) }
        is RecoveryCodeEvent.Confirm -> once { confirmer.on(event.event) }
        is RecoveryCodeEvent.Back -> back()
    }

    private suspend fun repeated(typed: String) {
        val back = TypedBack(code ?: return, typed)
        confirmer.ask { key ->
            try {
                core.renewRecoveryCode(key, back, session.phone.clock.now())
                shown.value = RecoveryCodeState.Done
            } catch (slip: VaultException.RecoveryCode) {
                // It may be the code that is typed to confirm which has the slip: that one is asked for again.
                if (key is UnlockKey.RecoveryCode && slip.slip !is RecoveryCodeSlip.Differs) throw slip
                shown.value = RecoveryCodeState.Repeat(message(slip))
            }
        }
    }

    private fun back() = when (shown.value) {
        is RecoveryCodeState.Repeat -> shown.value = RecoveryCodeState.Show(code)
        is RecoveryCodeState.Show, is RecoveryCodeState.Confirm, is RecoveryCodeState.Done -> ways.back()
    }

    private companion object {
        fun made(library: Library): RecoveryCodeState = when (val came = attempt { library.recoveryCode() }) {
            is Attempt.Done -> RecoveryCodeState.Show(came.value)
            is Attempt.Refused -> RecoveryCodeState.Show(null, came.message)
        }
    }
}
