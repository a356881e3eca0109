package app.klink.presentation

/** The first start: a way back in, typed back, then the device, then the list. Under a minute. */
sealed interface FirstStartState {
    /** [previous]: an anchor names a vault whose file is gone; a backup brings it back, or a new one is begun. */
    data class Welcome(val previous: Boolean, val working: Boolean = false, val problem: Message? = null) : FirstStartState

    /** A backup was chosen: what opens it? */
    data class OpenBackup(val name: String, val working: Boolean = false, val problem: Message? = null) : FirstStartState

    data class OfferBiometrics(val biometrics: Biometrics, val working: Boolean = false, val problem: Message? = null) :
        FirstStartState
}

sealed interface FirstStartEvent {
    data object WithPassphrase : FirstStartEvent

    data object WithRecoveryCode : FirstStartEvent

    data object Restore : FirstStartEvent

    /** The person wants to start new although a vault was there. */
    data object StartNew : FirstStartEvent

    data class BackupOpened(val typed: String, val isRecoveryCode: Boolean) : FirstStartEvent

    data object AllowBiometrics : FirstStartEvent

    data object WithoutBiometrics : FirstStartEvent

    data object OpenScreenLockSettings : FirstStartEvent
}
