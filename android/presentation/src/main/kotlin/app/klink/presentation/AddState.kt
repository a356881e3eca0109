package app.klink.presentation

/** How an account is added. */
data class AddState(
    val canScan: Boolean,
    val problem: Message? = null,
)

sealed interface AddEvent {
    /** A set-up page of work or school: its QR code. Asks for notifications, once, with the reason. */
    data object WorkOrSchool : AddEvent

    data object QrCode : AddEvent

    /** The page's code is typed. */
    data object TypeCode : AddEvent

    /** A link or text of an account was pasted. */
    data class Paste(val text: String) : AddEvent

    data object Import : AddEvent

    data object Back : AddEvent
}
