package app.klink.presentation

import app.klink.core.NewVault
import app.klink.core.PassphraseStrength
import app.klink.core.TypedBack
import app.klink.core.UnlockKey
import app.klink.presentation.NewKeyState.ChoosePassphrase
import app.klink.presentation.NewKeyState.RepeatPassphrase
import app.klink.presentation.NewKeyState.RepeatRecoveryCode
import app.klink.presentation.NewKeyState.ShowRecoveryCode

/** A way back in that is no hardware: chosen or shown, then typed back. */
sealed interface NewKeyState : FirstStartState, WayInState {
    data class ChoosePassphrase(val strength: PassphraseStrength? = null, val problem: Message? = null) : NewKeyState

    data class RepeatPassphrase(val working: Boolean = false, val problem: Message? = null) : NewKeyState

    /** [code] is `null` when none could be made; [problem] says why. */
    data class ShowRecoveryCode(val code: String?, val problem: Message? = null) : NewKeyState

    data class RepeatRecoveryCode(val working: Boolean = false, val problem: Message? = null) : NewKeyState
}

sealed interface NewKeyEvent : FirstStartEvent, WayInEvent {
    /** For the estimate, while it is being typed. */
    data class PassphraseTyped(val passphrase: String) : NewKeyEvent

    data class PassphraseChosen(val passphrase: String) : NewKeyEvent

    data class PassphraseRepeated(val passphrase: String) : NewKeyEvent

    data object CodeWrittenDown : NewKeyEvent

    data class CodeRepeated(val typed: String) : NewKeyEvent
}

/** Asks for a new way in; [take] gets what was typed back, as what it is and as the key that it will be, and says what is wrong. */
internal class NewKey(
    private val library: Library,
    private val show: (NewKeyState) -> Unit,
    private val once: (suspend () -> Unit) -> Unit,
    private val take: suspend (NewVault, UnlockKey) -> Message?,
) {
    private var chosen = ""

    fun on(event: NewKeyEvent) = when (event) {
        is NewKeyEvent.PassphraseTyped -> show(ChoosePassphrase(event.passphrase.ifEmpty { null }?.let(library::strength)))
        is NewKeyEvent.PassphraseChosen -> {
            chosen = event.passphrase
            show(if (chosen.isEmpty()) ChoosePassphrase(problem = Message(Sentence.PASSPHRASE_EMPTY)) else RepeatPassphrase())
        }
        is NewKeyEvent.PassphraseRepeated ->
            if (event.passphrase != chosen) show(RepeatPassphrase(problem = Message(Sentence.PASSPHRASE_DIFFERS)))
            else taken(NewVault(passphrase = chosen.toByteArray()), passphrase(chosen), ::RepeatPassphrase)
        is NewKeyEvent.CodeWrittenDown -> show(RepeatRecoveryCode())
        is NewKeyEvent.CodeRepeated ->
            taken(NewVault(recoveryCode = TypedBack(chosen, event.typed)), UnlockKey.RecoveryCode(chosen), ::RepeatRecoveryCode)
    }

    /** Makes a code and shows it. */
    fun showCode() = when (val came = attempt { library.recoveryCode() }) {
        is Attempt.Done -> show(ShowRecoveryCode(came.value.also { chosen = it }))
        is Attempt.Refused -> show(ShowRecoveryCode(null, came.message))
    }

    /** What was before [state]; nothing before the first. */
    fun before(state: NewKeyState): NewKeyState? = when (state) {
        is RepeatPassphrase -> ChoosePassphrase()
        is RepeatRecoveryCode -> ShowRecoveryCode(chosen)
        is ChoosePassphrase, is ShowRecoveryCode -> null
    }

    private fun taken(new: NewVault, key: UnlockKey, state: (Boolean, Message?) -> NewKeyState) = once {
        show(state(true, null))
        take(new, key)?.let { show(state(false, it)) }
    }
}
