package app.klink.presentation

import app.klink.core.Account

/** Accounts that were removed; they are kept for 30 days. */
data class TrashState(val rows: List<Account>, val problem: Message? = null)

sealed interface TrashEvent {
    data class Restore(val id: String) : TrashEvent
}
