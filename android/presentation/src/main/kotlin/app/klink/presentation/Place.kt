package app.klink.presentation

/** Where a person can be. */
sealed interface Place {
    data object FirstStart : Place

    /** The vault is locked; after it [then]. */
    data class Unlock(val then: Place? = null) : Place

    data object Accounts : Place

    data object Trash : Place

    data object Add : Place

    /** The camera, or [text] that came from a link or another app: it is shown and asked about, never taken at once. */
    data class Scan(val text: String? = null) : Place

    /** An account's key is typed. */
    data object Key : Place

    /** A picture that came from another app. */
    data class ScanPicture(val picture: ByteArray) : Place

    /** An offer to enrol; without [link] host and code are typed. */
    data class Enrol(val link: String? = null) : Place

    /** The open requests, [challenge] first. */
    data class Approve(val challenge: String? = null) : Place

    data object History : Place

    data class Account(val id: String) : Place

    data class Service(val enrolment: String) : Place

    data object Import : Place

    data object Backup : Place

    data object Export : Place

    /** Accounts go to another phone, or come from one; [text] is a code of the move that was scanned already. */
    data class Move(val text: String? = null) : Place

    data object SelfCheck : Place

    data object Settings : Place

    data object Passphrase : Place

    data object RecoveryCode : Place

    data object Trouble : Place

    data object Groups : Place

    data object Licences : Place
}

/** How a model sends a person elsewhere. */
interface Ways {
    /** Goes to [place]; going back leads here. */
    fun go(place: Place)

    /** Goes to [place]; what was before it is gone. */
    fun replace(place: Place)

    /** Goes back. */
    fun back()
}
