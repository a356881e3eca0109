package app.klink

import android.app.Application
import app.klink.core.DeviceKeys
import app.klink.core.LocalHosts
import app.klink.core.LockEvent
import app.klink.core.Purpose
import app.klink.platform.AndroidKeyHolder
import app.klink.platform.BiometricsPrompt
import app.klink.platform.KeystoreKeys
import app.klink.platform.NoticeWords
import app.klink.platform.RequestNotices
import app.klink.platform.UpkeepJob
import app.klink.presentation.AppEvent
import app.klink.presentation.FileAnchor
import java.io.File
import java.time.Duration

/** The process. What Android starts finds the app's [parts] here. */
open class KlinkApp : Application() {
    /** What this process works with; a process that was ended begins with new ones. */
    lateinit var parts: Parts
        private set

    val words by lazy { ResourceWords(resources) }

    val device by lazy { AndroidDevice(this) }

    /** Whether a person looks at the app: then it shows what comes by itself. */
    var inSight = false

    val notices by lazy {
        val words = NoticeWords(words.text("notify_channel"), words.text("notify_public"), words.text("deny"), words.text("notify_open"))
        RequestNotices(this, words, R.drawable.ic_notice, DenyReceiver::class.java, MainActivity::class.java)
    }

    override fun onCreate() {
        super.onCreate()
        startLibrary(this)
        device.sweep()
        begin()
        UpkeepJob.schedule(this, KlinkUpkeep::class.java, Duration.ofHours(UPKEEP_HOURS))
    }

    /** Puts everything together. */
    protected fun begin() {
        parts = Parts(this, keys(), FileAnchor(File(noBackupFilesDir, "anchors")), localHosts)
        parts.follow()
    }

    /** A phone enrols at no address inside its own network. */
    protected open val localHosts: LocalHosts = LocalHosts.REFUSED

    /** The device's keys; tests have their own. */
    protected open fun keys(): DeviceKeys {
        val prompt = BiometricsPrompt(this, ::title, { words.text("prompt_cancel") }, { prompts(LockEvent.PROMPT_BEGAN) }, { prompts(LockEvent.PROMPT_ENDED) })
        return KeystoreKeys(AndroidKeyHolder(), prompt, File(noBackupFilesDir, "slots"))
    }

    private fun prompts(event: LockEvent) = mainExecutor.execute { parts.model.on(AppEvent.Life(event)) }

    private fun title(purpose: Purpose): String = words.text(
        when (purpose) {
            Purpose.UNLOCK -> "prompt_unlock"
            Purpose.CONFIRM, Purpose.PUSH, Purpose.DEVICE -> "prompt_confirm"
            Purpose.ENROL -> "prompt_enrol"
            Purpose.APPROVE -> "prompt_approve"
            Purpose.ROTATE -> "prompt_rotate"
        },
    )

    private companion object {
        const val UPKEEP_HOURS = 12L
    }
}
