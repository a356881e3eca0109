package app.klink.presentation

/** How an account is added; [canScan]: there is a camera. */
data class AddState(val canScan: Boolean)

sealed interface AddEvent
