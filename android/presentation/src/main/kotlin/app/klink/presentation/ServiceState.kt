package app.klink.presentation

import app.klink.core.Enrolment

/** One service that sends requests. */
sealed interface ServiceState {
    data object Gone : ServiceState

    data class Shown(
        val enrolment: Enrolment,
        /** The number of a test that this phone asked for. */
        val testNumber: String? = null,
        val working: Boolean = false,
        /** Removing it is asked about once more. */
        val removing: Boolean = false,
        val problem: Message? = null,
    ) : ServiceState
}

sealed interface ServiceEvent {
    data class Rename(val name: String) : ServiceEvent

    data object Test : ServiceEvent

    /** Its requests are not announced for so long; 0 ends it. */
    data class Quiet(val forMs: Long) : ServiceEvent

    data object NewApprovalKey : ServiceEvent

    /** The reply of its set-up was lost: ask again. */
    data object Resume : ServiceEvent

    data object Remove : ServiceEvent

    /** [tellService]: the service forgets this phone too. */
    data class ReallyRemove(val tellService: Boolean) : ServiceEvent

    data object KeepIt : ServiceEvent
}
