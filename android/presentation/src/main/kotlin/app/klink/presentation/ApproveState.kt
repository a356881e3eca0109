package app.klink.presentation

import app.klink.core.Challenge
import app.klink.core.Outcome

/** A service's question, and the answer. */
sealed interface ApproveState {
    /** Looking, or there is nothing to answer. */
    data class Nothing(val looking: Boolean, val problem: Message? = null) : ApproveState

    data class Asked(
        val challenge: Challenge,
        /** This moment; the bar shows what is left until the challenge's end. */
        val nowMs: Long,
        /** What was typed so far. */
        val number: String = "",
        /** Everything that approving needs is there. */
        val complete: Boolean = false,
        val working: Boolean = false,
        /** Approving needs the vault; denying does not. */
        val locked: Boolean = false,
        /** Requests that are open besides. */
        val others: Int = 0,
        val problem: Message? = null,
    ) : ApproveState

    /** "This wasn't me": what else? */
    data class AskReport(val challenge: Challenge) : ApproveState

    /** The camera looks for the page's QR code. */
    data class Scanning(val challenge: Challenge, val problem: Message? = null) : ApproveState

    /** What became of it. `null`: signed and kept, and whether it arrived shows later. */
    data class Answered(
        val challenge: Challenge,
        val outcome: Outcome?,
        /** What the person types on the page now, where the server hands the number to the phone. */
        val displayCode: String? = null,
    ) : ApproveState
}

sealed interface ApproveEvent {
    data class Number(val typed: String) : ApproveEvent

    data class Pick(val option: String) : ApproveEvent

    data object Approve : ApproveEvent

    data object Deny : ApproveEvent

    /** The person began the sign-in and changed their mind. */
    data object Cancel : ApproveEvent

    data object NotMe : ApproveEvent

    /** [lock]: nobody may sign in until another factor says so. */
    data class Report(val lock: Boolean) : ApproveEvent

    data object ScanInstead : ApproveEvent

    data class PictureTaken(val picture: ByteArray) : ApproveEvent

    data object ChoosePicture : ApproveEvent

    data object TypeInstead : ApproveEvent

    data object Unlock : ApproveEvent

    data object Next : ApproveEvent

    data object LookNow : ApproveEvent

    data object Close : ApproveEvent
}
