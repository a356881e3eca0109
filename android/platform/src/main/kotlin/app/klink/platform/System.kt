package app.klink.platform

import android.app.Activity
import android.app.ActivityManager
import android.app.KeyguardManager
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ClipData
import android.content.ClipDescription
import android.content.ClipboardManager
import android.content.ComponentName
import android.content.Context
import android.hardware.biometrics.BiometricManager
import android.hardware.biometrics.BiometricManager.Authenticators.BIOMETRIC_STRONG
import android.os.Handler
import android.os.Looper
import android.os.PersistableBundle
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import app.klink.presentation.Biometrics
import java.time.Duration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** A service of the system; every one that is asked for here is always there. */
inline fun <reified T : Any> Context.service(): T = getSystemService(T::class.java)!!

/**
 * Copies codes so that the system hides them from its preview and from keyboards, and takes each away again, if nothing
 * else was copied meanwhile.
 */
class CodeClipboard(context: Context) {
    private val clipboard = context.service<ClipboardManager>()
    private val handler = Handler(Looper.getMainLooper())

    fun copy(code: String, forMs: Long) {
        val clip = ClipData.newPlainText(LABEL, code)
        clip.description.extras = PersistableBundle().apply { putBoolean(ClipDescription.EXTRA_IS_SENSITIVE, true) }
        clipboard.setPrimaryClip(clip)
        handler.removeCallbacksAndMessages(this)
        handler.postDelayed(::takeBack, this, forMs)
    }

    private fun takeBack() {
        if (clipboard.primaryClipDescription?.label == LABEL) clipboard.clearPrimaryClip()
    }

    private companion object {
        /** By this a clip is known to be ours; no other app sees more of it than the system shows. */
        const val LABEL = "klink code"
    }
}

/** Keeps codes out of pictures of the screen and of the list of recent apps, or lets them in. */
fun Activity.forbidPictures(forbidden: Boolean) = window.setFlags(if (forbidden) FLAG_SECURE else 0, FLAG_SECURE)

/** Whether biometrics can open the vault now. */
fun Context.biometrics(): Biometrics = when {
    !service<KeyguardManager>().isDeviceSecure -> Biometrics.NO_SCREEN_LOCK
    else -> when (service<BiometricManager>().canAuthenticate(BIOMETRIC_STRONG)) {
        BiometricManager.BIOMETRIC_SUCCESS -> Biometrics.READY
        BiometricManager.BIOMETRIC_ERROR_NONE_ENROLLED -> Biometrics.NONE_ENROLLED
        else -> Biometrics.NO_HARDWARE
    }
}

/** Whether the system keeps this app from working while nobody looks at it. */
fun Context.restricted(): Boolean = service<ActivityManager>().isBackgroundRestricted

/** Whether the system takes permissions away and stops this app when it was not opened for months. */
fun Context.hibernates(): Boolean = !packageManager.isAutoRevokeWhitelisted

/** Upkeep of the enrolments: it wakes a service's memory of this phone, and shows nothing. */
abstract class UpkeepJob : JobService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Tells whether it is done; `false` is tried again later. */
    abstract suspend fun upkeep(): Boolean

    override fun onStartJob(params: JobParameters): Boolean {
        scope.launch { jobFinished(params, !upkeep()) }
        return true
    }

    override fun onStopJob(params: JobParameters): Boolean = true

    override fun onDestroy() = scope.cancel()

    companion object {
        private const val NUMBER = 1

        /** Has [job] run [every] so often, while there is a network. One that is planned keeps its turn. */
        fun schedule(context: Context, job: Class<out UpkeepJob>, every: Duration) {
            val scheduler = context.service<JobScheduler>()
            if (scheduler.getPendingJob(NUMBER) != null) return
            val info = JobInfo.Builder(NUMBER, ComponentName(context, job))
                .setPeriodic(every.toMillis())
                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
                .setRequiresBatteryNotLow(true)
                .setPersisted(true)
                .build()
            scheduler.schedule(info)
        }
    }
}
