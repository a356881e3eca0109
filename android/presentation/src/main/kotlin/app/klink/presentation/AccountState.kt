package app.klink.presentation

import app.klink.core.Account
import app.klink.core.AccountGroup
import app.klink.core.Revealed

/** One account. */
sealed interface AccountState {
    data object Gone : AccountState

    data class Shown(
        val account: Account,
        val groups: List<AccountGroup>,
        val readOnly: Boolean,
        /** The secret and its link, after a confirmation, until the screen goes. */
        val revealed: Revealed? = null,
        /** A confirmation is being asked for: these are the ways. */
        val confirming: Confirming? = null,
        val saved: Boolean = false,
        val problem: Message? = null,
    ) : AccountState
}

/** A way in is opened again before something is shown or changed that only its owner may. */
data class Confirming(
    val ways: Set<UnlockState.Way>,
    val asked: UnlockState.Way,
    val working: Boolean = false,
    val problem: Message? = null,
    val waitMs: Long = 0,
)

/** What a person does when they are asked to confirm. */
sealed interface ConfirmEvent {
    data class Ask(val way: UnlockState.Way) : ConfirmEvent

    data object ByDevice : ConfirmEvent

    data class ByPassphrase(val passphrase: String) : ConfirmEvent

    data class ByRecoveryCode(val typed: String) : ConfirmEvent

    data object Cancel : ConfirmEvent
}

sealed interface AccountEvent {
    data class Rename(val issuer: String, val accountName: String) : AccountEvent

    data class Note(val note: String) : AccountEvent

    data class Icon(val name: String) : AccountEvent

    data class Favorite(val favorite: Boolean) : AccountEvent

    data class InGroup(val group: String, val inIt: Boolean) : AccountEvent

    data class Pin(val pin: String) : AccountEvent

    data object Reveal : AccountEvent

    data class Confirm(val event: ConfirmEvent) : AccountEvent

    data object Hide : AccountEvent

    data object Delete : AccountEvent

    data object Back : AccountEvent
}
