package app.klink.presentation

/** From a set-up page's code to a phone that approves. */
sealed interface EnrolState {
    /** Host and code of the page are typed. */
    data class TypeCode(val working: Boolean = false, val problem: Message? = null) : EnrolState

    /** Nothing was sent yet: this is the host. */
    data class AskHost(val host: String, val working: Boolean = false, val problem: Message? = null) : EnrolState

    /** The service vouches for the offer: who it is. */
    data class AskService(
        val host: String,
        val service: String,
        val accountName: String,
        val clockOff: Boolean,
        val notifications: Granted,
        /** Those of whom one is to be chosen to bring wake-ups, and the one that was. */
        val distributors: List<Distributor> = emptyList(),
        val distributor: String? = null,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : EnrolState

    /** The page asks whether this number is the same there; then it sends a test. [number] may be missing at other people's servers. */
    data class Check(val enrolment: String, val service: String, val number: String?, val problem: Message? = null) : EnrolState

    /** The reply was lost: the same request is sent again. */
    data class Unfinished(val enrolment: String, val host: String, val working: Boolean = false, val problem: Message? = null) :
        EnrolState

    /** The test was approved. */
    data class Done(val service: String, val accountName: String) : EnrolState

    /** No offer that can be taken. */
    data class Refused(val problem: Message) : EnrolState
}

sealed interface EnrolEvent {
    data class CodeTyped(val host: String, val code: String) : EnrolEvent

    /** Connect to the host. */
    data object Connect : EnrolEvent

    /** Asks for notifications, with the reason on the screen. */
    data object AllowNotifications : EnrolEvent

    /** [distributor] is to bring wake-ups. */
    data class Choose(val distributor: String) : EnrolEvent

    data object Enrol : EnrolEvent

    data object TryAgain : EnrolEvent

    /** The test's request, when it is there. */
    data object OpenTest : EnrolEvent

    data object Close : EnrolEvent
}
