package app.klink.presentation

import app.klink.core.PassphraseStrength

/** A new passphrase for a vault that is there: chosen, typed back, then confirmed with a way in of before. */
sealed interface PassphraseState {
    data class Choose(val strength: PassphraseStrength? = null, val problem: Message? = null) : PassphraseState

    data class Repeat(val problem: Message? = null) : PassphraseState

    data class Confirm(val confirming: Confirming) : PassphraseState

    data object Done : PassphraseState
}

sealed interface PassphraseEvent {
    data class Typed(val passphrase: String) : PassphraseEvent

    data class Chosen(val passphrase: String) : PassphraseEvent

    data class Repeated(val passphrase: String) : PassphraseEvent

    data class Confirm(val event: ConfirmEvent) : PassphraseEvent

    data object Back : PassphraseEvent
}

/** A new recovery code for a vault that is there: shown, written down, typed back, then confirmed. */
sealed interface RecoveryCodeState {
    /** [code] is `null` when none could be made; [problem] says why. */
    data class Show(val code: String?, val problem: Message? = null) : RecoveryCodeState

    data class Repeat(val problem: Message? = null) : RecoveryCodeState

    data class Confirm(val confirming: Confirming) : RecoveryCodeState

    data object Done : RecoveryCodeState
}

sealed interface RecoveryCodeEvent {
    data object WrittenDown : RecoveryCodeEvent

    data class Repeated(val typed: String) : RecoveryCodeEvent

    data class Confirm(val event: ConfirmEvent) : RecoveryCodeEvent

    data object Back : RecoveryCodeEvent
}
