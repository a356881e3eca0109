package app.klink.presentation

/** A new passphrase or recovery code for a vault that is there: typed back, then confirmed with a way in of before. */
sealed interface WayInState {
    data class Asked(val confirming: UnlockState) : WayInState

    data class Done(val isCode: Boolean) : WayInState
}

sealed interface WayInEvent
