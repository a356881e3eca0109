package app.klink.presentation

import app.klink.core.Account
import app.klink.core.AccountGroup
import app.klink.core.BackupTrouble
import app.klink.core.CountedCode
import app.klink.core.ListOrder
import app.klink.core.NoCode
import app.klink.core.TimedCode

/** The list of accounts. */
data class AccountsState(
    val rows: List<AccountRow>,
    /** The moment of the codes: a ring stands between two moments of a code. */
    val nowMs: Long,
    val query: String = "",
    val groups: List<AccountGroup> = emptyList(),
    /** The chosen group; `null` shows all. */
    val group: String? = null,
    val onlyFavorites: Boolean = false,
    val sort: ListOrder = ListOrder.OWN,
    /** How many accounts there are at all: an empty list has three reasons. */
    val total: Int = 0,
    val trashed: Int = 0,
    val services: List<ServiceRow> = emptyList(),
    val requests: Int = 0,
    val banner: Banner? = null,
    /** What was copied last, for a moment. */
    val copied: Copied? = null,
    /** A code is shown after a confirmation. */
    val confirming: UnlockState? = null,
    /** Nothing may be changed now. */
    val readOnly: Boolean = false,
    val problem: Message? = null,
)

/** One account and its code. */
data class AccountRow(
    val account: Account,
    val code: RowCode,
    /** The logo of the service that vouches for it, as a picture. */
    val logo: ByteArray? = null,
)

/** What stands where the code is. */
sealed interface RowCode {
    /** [next] is there in the last five seconds, when it is wanted. */
    data class Shown(val code: TimedCode, val next: TimedCode?) : RowCode

    /** Dots, until it is tapped. */
    data class Hidden(val code: TimedCode) : RowCode

    /** Codes that count: [last] is the one made last, while it is shown. */
    data class Counts(val last: CountedCode?) : RowCode

    data class None(val why: NoCode) : RowCode
}

/** One service that sends requests. */
data class ServiceRow(val enrolment: app.klink.core.Enrolment)

/** What was copied, and when the code changes. */
data class Copied(val id: String, val untilMs: Long?)

/** One banner at a time, worst first; its button leads to what mends it. */
sealed interface Banner {
    data class ReadOnly(val reason: app.klink.core.ReadOnlyReason) : Banner

    data object SnapshotFailed : Banner

    data object AnchorStale : Banner

    data object RenewRecoveryCode : Banner

    data object CheckPassphrase : Banner

    data object ClockOff : Banner

    data object NotificationsOff : Banner

    data class Backup(val trouble: BackupTrouble) : Banner

    data class NotFinished(val enrolment: String, val host: String) : Banner
}

sealed interface AccountsEvent {
    data class Search(val query: String) : AccountsEvent

    data class ChooseGroup(val id: String?) : AccountsEvent

    data class OnlyFavorites(val only: Boolean) : AccountsEvent

    data class SortBy(val sort: ListOrder) : AccountsEvent

    /** Shows what is hidden, copies what is shown. */
    data class Tap(val id: String) : AccountsEvent

    /** Makes the next code of an account that counts. */
    data class NextCode(val id: String) : AccountsEvent

    data class Favorite(val id: String, val favorite: Boolean) : AccountsEvent

    /** Puts the account in front of [before], or last. */
    data class Move(val id: String, val before: String?) : AccountsEvent

    data class Delete(val id: String) : AccountsEvent

    /** The button of the banner. */
    data class Mend(val banner: Banner) : AccountsEvent

    data object Lock : AccountsEvent

    /** Looks for requests now. */
    data object Refresh : AccountsEvent

    data object ProblemRead : AccountsEvent
}
