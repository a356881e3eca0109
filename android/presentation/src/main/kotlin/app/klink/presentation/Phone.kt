package app.klink.presentation

import app.klink.core.AuthenticatorInterface
import app.klink.core.BackupFolder
import app.klink.core.ExportFormatInfo
import app.klink.core.ListOrder
import app.klink.core.PassphraseStrength
import app.klink.core.Permission
import app.klink.core.PhoneInfo
import app.klink.core.QrCode
import app.klink.core.ScanSession
import app.klink.core.ShellFacts
import java.io.File
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

    /** Draws a text as a QR code; `null` when none holds it. */
    fun qr(text: String): QrCode?

    /** The formats of exports, in the order in which they are offered. */
    fun formats(): List<ExportFormatInfo>

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

    /** Who can bring wake-ups here. */
    val distributors: Distributors get() = NoDistributors

    /** The relay of a build that has one, once its vendor knows this phone. */
    suspend fun relay(): Relay? = null

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

    /** Returns the path of a new file of the app's own, which is there for a moment. */
    fun draft(name: String): String

    /** Lets the person say where the file at [path] goes, moves it there, and tells whether it went. */
    suspend fun handOver(path: String, name: String): Boolean

    /** Lets the person say where [bytes] go, writes them there and nowhere else, and tells whether they went. */
    suspend fun save(name: String, bytes: ByteArray): Boolean {
        val path = draft(name)
        File(path).writeBytes(bytes)
        return handOver(path, name)
    }

    /** Lets the person choose a folder that this app may write to from then on: a name for [folder]; `null` when none was chosen. */
    suspend fun pickFolder(): String? = null

    /** The folder that was picked; `null` where [picked] is a path, which the core writes to by itself. */
    fun folder(picked: String): BackupFolder? = null

    /** What the system says of this app without a prompt. */
    fun facts(): ShellFacts = ShellFacts(
        biometrics != Biometrics.NO_SCREEN_LOCK, permission(Asked.NOTIFICATIONS).fact(),
        if (camera) permission(Asked.CAMERA).fact() else null, batteryRestricted = null, hibernates = null,
        canBeWoken = phone.pushEndpoint != null,
    )
}

/** A file that a person chose. */
data class PickedFile(val name: String, val path: String)

/** Whether biometrics can open the vault. */
enum class Biometrics { READY, NONE_ENROLLED, NO_SCREEN_LOCK, NO_HARDWARE }

/** What a person can be asked for. */
enum class Asked { CAMERA, NOTIFICATIONS }

/** How a permission stands. */
enum class Granted {
    YES, NOT_YET_ASKED, NO;

    /** The same in the core's words. */
    fun fact(): Permission = when (this) {
        YES -> Permission.GRANTED
        NOT_YET_ASKED -> Permission.NOT_ASKED
        NO -> Permission.DENIED
    }
}

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
    val sort: ListOrder = ListOrder.OWN,
    /** Milliseconds that codes are made ahead of the device's clock. */
    val offsetMs: Long = 0,
    /** The system's backup may take the two newest sealed copies along. */
    val systemBackup: Boolean = false,
    /** Where backups go by themselves, as [Device.folder] knows it; `null` is nowhere. */
    val backupFolder: String? = null,
    /** How many of them stay. */
    val backupsKept: Int = 10,
    /** By which relay services wake this phone, and what it is called there; `null` before they do. */
    val relayed: String? = null,
)

/** Where [Preferences] are kept. */
interface PreferenceStore {
    val now: StateFlow<Preferences>

    fun change(how: (Preferences) -> Preferences)
}
