package app.klink.presentation

import app.klink.core.NextStep
import app.klink.core.ReadOnlyReason
import app.klink.core.SalvageProposal

/** A vault that is read-only, or whose file is gone: why, and what can be done, the best first. */
sealed interface TroubleState {
    /** [reason] is `null` when the file itself does not open. */
    data class Shown(
        val reason: ReadOnlyReason?,
        val steps: List<NextStep>,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : TroubleState

    /** What opens the damaged file or the copy for this. */
    data class NeedsKey(val step: NextStep, val working: Boolean = false, val problem: Message? = null) : TroubleState

    /** What can be had of it; nothing is changed yet. */
    data class Salvage(
        val proposal: SalvageProposal,
        val leftOut: Set<String>,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : TroubleState

    /** It is whole again. */
    data class Mended(val accounts: Long?) : TroubleState
}

sealed interface TroubleEvent {
    data class Take(val step: NextStep) : TroubleEvent

    data class KeyTyped(val typed: String, val isRecoveryCode: Boolean) : TroubleEvent

    data class LeaveOut(val id: String, val out: Boolean) : TroubleEvent

    data object CommitSalvage : TroubleEvent
}
