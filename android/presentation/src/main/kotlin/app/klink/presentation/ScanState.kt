package app.klink.presentation

import app.klink.core.Added
import app.klink.core.EnteredKey
import app.klink.core.MigrationProgress
import app.klink.core.ScannedAccount
import app.klink.core.VendorHint
import app.klink.core.Vendor
import java.nio.ByteBuffer

/** What a camera, a picture or a text brings. */
sealed interface ScanState {
    /** [camera]: there is one and it may be used. */
    data class Looking(val camera: Granted?, val working: Boolean = false, val problem: Message? = null) : ScanState

    /** The key of an account is typed. */
    data class Typing(val problem: Message? = null) : ScanState

    /** Accounts that were found: nothing is added before the person says so. */
    data class Found(val accounts: List<ScannedAccount>, val added: List<Added> = emptyList(), val problem: Message? = null) :
        ScanState

    /** A part of an export in several codes. */
    data class Collecting(val progress: MigrationProgress, val camera: Granted?, val problem: Message? = null) : ScanState

    /** A code that is not for this app, with what helps. */
    data class Elsewhere(val what: Foreign) : ScanState
}

/** A code that no account can be made of. */
sealed interface Foreign {
    data class VendorPush(val vendor: Vendor, val hint: VendorHint) : Foreign

    data object AccountWithoutSecret : Foreign

    data class Broken(val report: String) : Foreign

    data object PushMatch : Foreign

    data object Passkey : Foreign

    data object Wifi : Foreign

    data object Contact : Foreign

    data object Link : Foreign

    data object Plain : Foreign

    data object Nothing : Foreign
}

sealed interface ScanEvent {
    data object AllowCamera : ScanEvent

    data object OpenAppSettings : ScanEvent

    data object ChoosePicture : ScanEvent

    data class PictureTaken(val picture: ByteArray) : ScanEvent

    data class TextPasted(val text: String) : ScanEvent

    /** Adds the account of a key; the core says what is wrong with it. */
    data class KeyTyped(val key: EnteredKey) : ScanEvent

    /** Adds what was found; [pin] where the account needs one. */
    data class AddFound(val number: Int, val pin: String? = null) : ScanEvent

    /** Shows what a collected export holds, before anything is added. */
    data object Preview : ScanEvent

    data object LookAgain : ScanEvent

    data object Done : ScanEvent
}

/** Takes camera frames; called on the camera's own thread. */
fun interface Frames {
    /** Looks at one luma plane: rows of [width] pixels, [stride] bytes apart. */
    fun take(luma: ByteBuffer, width: Int, height: Int, stride: Int)
}
