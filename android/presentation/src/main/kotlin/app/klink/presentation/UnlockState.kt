package app.klink.presentation

/** A way in is asked for: to open the locked vault, or once more before what only its owner may do. */
data class UnlockState(
    /** What opens it. */
    val ways: Set<Way>,
    /** Which of them is asked for now. */
    val asked: Way,
    val working: Boolean = false,
    val problem: Message? = null,
    /** Milliseconds to wait before this way may be tried again. */
    val waitMs: Long = 0,
    /** Requests that came meanwhile: they can be denied without a vault. */
    val requests: Int = 0,
) {
    enum class Way { DEVICE, PASSPHRASE, RECOVERY_CODE }
}

sealed interface UnlockEvent {
    data class Ask(val way: UnlockState.Way) : UnlockEvent

    data object ByDevice : UnlockEvent

    data class ByPassphrase(val passphrase: String) : UnlockEvent

    data class ByRecoveryCode(val typed: String) : UnlockEvent

    /** Gives up what was to be confirmed. */
    data object Cancel : UnlockEvent
}
