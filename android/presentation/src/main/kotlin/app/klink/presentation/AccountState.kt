package app.klink.presentation

import app.klink.core.Account
import app.klink.core.AccountGroup
import app.klink.core.Enrolment
import app.klink.core.QrCode
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
        /** The same as a code to scan. */
        val code: QrCode? = null,
        /** The service that sends requests for it. */
        val service: Enrolment? = null,
        /** A confirmation is being asked for: these are the ways. */
        val confirming: UnlockState? = null,
        val saved: Boolean = false,
        val problem: Message? = null,
    ) : AccountState
}

sealed interface AccountEvent {
    data class Rename(val issuer: String, val accountName: String) : AccountEvent

    data class Note(val note: String) : AccountEvent

    data class Icon(val name: String) : AccountEvent

    data class Favorite(val favorite: Boolean) : AccountEvent

    data class InGroup(val group: String, val inIt: Boolean) : AccountEvent

    data class AskEachTime(val on: Boolean) : AccountEvent

    data class Pin(val pin: String) : AccountEvent

    data object Reveal : AccountEvent

    data object Hide : AccountEvent

    data object Delete : AccountEvent
}
