package app.klink

import android.Manifest.permission.CAMERA
import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.NotificationManager
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.provider.OpenableColumns
import android.provider.Settings
import androidx.activity.result.PickVisualMediaRequest
import androidx.activity.result.contract.ActivityResultContracts.PickVisualMedia.ImageOnly
import app.klink.core.BackupFolder
import app.klink.core.PhoneInfo
import app.klink.core.ShellFacts
import app.klink.platform.CodeClipboard
import app.klink.platform.TreeFolder
import app.klink.platform.UnifiedPush
import app.klink.platform.biometrics
import app.klink.platform.hibernates
import app.klink.platform.restricted
import app.klink.platform.service
import app.klink.presentation.Asked
import app.klink.presentation.Biometrics
import app.klink.presentation.Device
import app.klink.presentation.Distributors
import app.klink.presentation.Granted
import app.klink.presentation.NoDistributors
import app.klink.presentation.PickedFile
import app.klink.presentation.Relay
import app.klink.presentation.SystemPage
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.InputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** What only this device can do. What needs a window goes through [asking], which the activity sets while it is there. */
class AndroidDevice(private val context: Context) : Device {
    private val clipboard = CodeClipboard(context)
    private val asked = context.getSharedPreferences("asked", Context.MODE_PRIVATE)

    private val picked = File(context.cacheDir, "picked")
    private val drafts = File(context.cacheDir, "drafts")

    /** The window that can ask, if there is one. */
    var asking: Asking? = null

    private val unifiedPush = UnifiedPush(context)
    private var relayed = false

    /** A build with a relay has nothing to choose. */
    override val distributors: Distributors = if (HAS_RELAY) NoDistributors else unifiedPush

    override suspend fun relay(): Relay? = relayOf(context).also { relayed = it != null }

    /** A service hears where wake-ups go when a distributor has said it, which needs the enrolment. */
    override val phone: PhoneInfo
        get() = PhoneInfo("${Build.MANUFACTURER} ${Build.MODEL}", "android ${Build.VERSION.RELEASE}", "klink $VERSION", pushEndpoint = null)

    override val biometrics: Biometrics get() = context.biometrics()

    override val camera: Boolean get() = context.packageManager.hasSystemFeature(PackageManager.FEATURE_CAMERA_ANY)

    override fun copy(code: String, forMs: Long) = clipboard.copy(code, forMs)

    override fun permission(which: Asked): Granted = when {
        which.holds() -> Granted.YES
        asked.getBoolean(which.name, false) -> Granted.NO
        else -> Granted.NOT_YET_ASKED
    }

    override suspend fun ask(which: Asked): Granted {
        if (permission(which) != Granted.NOT_YET_ASKED) return permission(which)
        val name = which.permission() ?: return permission(which)
        asking?.ask(name) ?: return Granted.NOT_YET_ASKED
        asked.edit().putBoolean(which.name, true).apply()
        return permission(which)
    }

    override fun openSystemPage(page: SystemPage) {
        val own = Uri.fromParts("package", context.packageName, null)
        val intent = when (page) {
            SystemPage.APP, SystemPage.HIBERNATION -> Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, own)
            SystemPage.NOTIFICATIONS -> Intent(Settings.ACTION_APP_NOTIFICATION_SETTINGS).putExtra(Settings.EXTRA_APP_PACKAGE, context.packageName)
            SystemPage.SCREEN_LOCK -> Intent(Settings.ACTION_BIOMETRIC_ENROLL)
            SystemPage.BATTERY -> Intent(Settings.ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS)
            SystemPage.CLOCK -> Intent(Settings.ACTION_DATE_SETTINGS)
        }
        try {
            context.startActivity(intent.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        } catch (_: ActivityNotFoundException) {
            context.startActivity(Intent(Settings.ACTION_SETTINGS).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        }
    }

    override suspend fun pickPicture(): ByteArray? = asking?.picture(PickVisualMediaRequest(ImageOnly))?.let { bytes(it) }

    override suspend fun pickFiles(many: Boolean): List<PickedFile> {
        picked.deleteRecursively()
        return asking?.files(many).orEmpty().mapNotNull { uri ->
            val bytes = bytes(uri) ?: return@mapNotNull null
            picked.mkdirs()
            PickedFile(nameOf(uri), File.createTempFile("file", null, picked).apply { writeBytes(bytes) }.path)
        }
    }

    override fun draft(name: String): String = drafts.apply { mkdirs() }.resolve(name).also { it.delete() }.path

    /** Deletes what an earlier process left: other apps' exports may hold secrets. */
    fun sweep() {
        for (left in listOf(picked, drafts)) left.deleteRecursively()
    }

    override suspend fun handOver(path: String, name: String): Boolean {
        val draft = File(path)
        val target = asking?.create(name) ?: return false.also { draft.delete() }
        return withContext(Dispatchers.IO) {
            val out = context.contentResolver.openOutputStream(target)
            out?.use { draft.inputStream().use { from -> from.copyTo(it) } }
            draft.delete()
            out != null
        }
    }

    override suspend fun pickFolder(): String? = asking?.folder()?.let { tree ->
        context.contentResolver.takePersistableUriPermission(tree, READ_AND_WRITE)
        tree.toString()
    }

    override fun folder(picked: String): BackupFolder = TreeFolder(context, Uri.parse(picked))

    override fun facts(): ShellFacts = super.facts().copy(
        batteryRestricted = context.restricted(), hibernates = context.hibernates(), canBeWoken = if (HAS_RELAY) relayed else unifiedPush.brings,
    )

    /** The content of [uri], up to 64 MiB and a byte: what another app shares may have no end, and the core says what is too large. */
    suspend fun bytes(uri: Uri): ByteArray? = withContext(Dispatchers.IO) {
        context.contentResolver.openInputStream(uri)?.use { it.upTo(CAP) }
    }

    private fun InputStream.upTo(cap: Int): ByteArray {
        val taken = ByteArrayOutputStream()
        val chunk = ByteArray(CHUNK)
        while (taken.size() < cap) {
            val length = read(chunk, 0, minOf(CHUNK, cap - taken.size()))
            if (length < 0) break
            taken.write(chunk, 0, length)
        }
        return taken.toByteArray()
    }

    private fun nameOf(uri: Uri): String = context.contentResolver.query(uri, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)
        ?.use { if (it.moveToFirst()) it.getString(0) else null } ?: uri.lastPathSegment.orEmpty()

    private fun Asked.holds(): Boolean = when (this) {
        Asked.CAMERA -> context.checkSelfPermission(CAMERA) == PackageManager.PERMISSION_GRANTED
        Asked.NOTIFICATIONS -> context.service<NotificationManager>().areNotificationsEnabled()
    }

    /** What is asked for; `null` where the system knows no such question. */
    private fun Asked.permission(): String? = when (this) {
        Asked.CAMERA -> CAMERA
        Asked.NOTIFICATIONS -> if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) POST_NOTIFICATIONS else null
    }

    private companion object {
        const val VERSION = "0.1.0"
        const val READ_AND_WRITE = Intent.FLAG_GRANT_READ_URI_PERMISSION or Intent.FLAG_GRANT_WRITE_URI_PERMISSION
        const val CAP = (64 shl 20) + 1
        const val CHUNK = 64 shl 10
    }
}

/** What only a window can ask a person for. */
interface Asking {
    suspend fun ask(permission: String): Boolean

    suspend fun picture(request: PickVisualMediaRequest): Uri?

    suspend fun files(many: Boolean): List<Uri>

    suspend fun folder(): Uri?

    suspend fun create(name: String): Uri?
}
