package app.klink.presentation

import app.klink.core.WayIn

/** Choices, and the ways in. */
data class SettingsState(
    val preferences: Preferences,
    val waysIn: List<WayIn> = emptyList(),
    val biometrics: Biometrics,
    val version: String,
    /** Those who could bring wake-ups, and the one that does. */
    val distributors: List<Distributor> = emptyList(),
    val distributor: String? = null,
    val confirming: UnlockState? = null,
    val problem: Message? = null,
)

sealed interface SettingsEvent {
    data class Change(val how: (Preferences) -> Preferences) : SettingsEvent

    /** Lets the device open the vault: the first time, or after new biometrics. */
    data object AllowBiometrics : SettingsEvent

    data class RemoveWayIn(val id: String) : SettingsEvent

    /** [distributor] is to bring wake-ups. */
    data class Choose(val distributor: String) : SettingsEvent

    data object ProblemRead : SettingsEvent
}
