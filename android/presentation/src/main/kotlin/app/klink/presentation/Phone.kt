package app.klink.presentation

import app.klink.core.AuthenticatorInterface
import app.klink.core.PassphraseStrength
import app.klink.core.PhoneInfo
import app.klink.core.ScanSession
import kotlinx.coroutines.flow.StateFlow

/** What all models stand on. */
class Phone(
    val core: AuthenticatorInterface,
    val library: Library,
    val device: Device,
    val preferences: PreferenceStore,
    val clock: Clock,
)

/** The only notion of now. */
interface Clock {
    /** Unix time in milliseconds. */
    fun now(): Long

    /** Milliseconds of the clock that goes on while the device sleeps and starts anew with it. */
    fun boot(): Long
}

/** What the library does without a vault. */
interface Library {
    /** Makes a recovery code to be written down. */
    fun recoveryCode(): String

    /** Says how hard a passphrase is to guess. */
    fun strength(passphrase: String): PassphraseStrength

    /** Begins to look for codes. */
    fun scan(): ScanSession

    /** What is linked, a line for each part: `name · licence · source`. */
    fun licences(): String
}

/** What only the device can do: Android in the app, a desktop's window elsewhere. */
interface Device {
    /** What services are told of this phone. */
    val phone: PhoneInfo

    /** Whether biometrics can open the vault now. */
    val biometrics: Biometrics

    /** Whether a camera can be used. */
    val camera: Boolean

    /** Puts a code on the clipboard, marked as sensitive, and takes it away after [forMs] milliseconds. */
    fun copy(code: String, forMs: Long)

    /** Reads a permission's state; nobody is asked. */
    fun permission(which: Asked): Granted

    /** Asks for a permission where that is still possible. */
    suspend fun ask(which: Asked): Granted

    /** Opens the system's own page for it. */
    fun openSystemPage(page: SystemPage)

    /** Lets the person choose a picture; `null` when none was chosen. */
    suspend fun pickPicture(): ByteArray?

    /** Lets the person choose files, copied to where the core can read them; none when none was chosen. */
    suspend fun pickFiles(many: Boolean): List<PickedFile>

    /** Returns the path of a new file of the app's own, to be handed over next. */
    fun draft(name: String): String

    /** Lets the person say where the file at [path] goes, and copies it there. Tells whether it went. */
    suspend fun handOver(path: String, name: String): Boolean
}

/** A file that a person chose. */
data class PickedFile(val name: String, val path: String)

/** Whether biometrics can open the vault. */
enum class Biometrics { READY, NONE_ENROLLED, NO_SCREEN_LOCK, NO_HARDWARE }

/** What a person can be asked for. */
enum class Asked { CAMERA, NOTIFICATIONS }

/** How a permission stands. */
enum class Granted { YES, NOT_YET_ASKED, NO }

/** Pages of the system's own settings. */
enum class SystemPage { APP, NOTIFICATIONS, SCREEN_LOCK, BATTERY, HIBERNATION, CLOCK }

/** Choices that are kept outside the vault: none of them is a secret. */
data class Preferences(
    /** Out of sight for so long, then it locks. */
    val lockAfterMs: Long = 30_000,
    /** In sight and unused for so long, then it locks; `null` is never. */
    val idleMs: Long? = 300_000,
    /** A dark screen locks at once. */
    val lockOnDark: Boolean = true,
    /** Codes show dots until they are tapped. */
    val tapToReveal: Boolean = false,
    /** The next code is shown beside one that is about to end. */
    val showNext: Boolean = true,
    /** Pictures of the screen may be taken. */
    val screenshots: Boolean = false,
    /** How the list is sorted. */
    val sort: Sort = Sort.OWN_ORDER,
    /** Milliseconds that codes are made ahead of the device's clock. */
    val offsetMs: Long = 0,
    /** The system's backup may take the two newest sealed copies along. */
    val systemBackup: Boolean = false,
)

/** How the list is sorted. */
enum class Sort { OWN_ORDER, NAME, MOST_USED, LAST_USED }

/** Where [Preferences] are kept. */
interface PreferenceStore {
    val now: StateFlow<Preferences>

    fun change(how: (Preferences) -> Preferences)
}
