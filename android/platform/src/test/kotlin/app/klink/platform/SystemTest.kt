package app.klink.platform

import android.app.Activity
import android.app.Application
import android.app.Notification
import android.app.NotificationManager
import android.app.job.JobScheduler
import android.content.BroadcastReceiver
import android.content.ClipData
import android.content.ClipDescription
import android.content.ClipboardManager
import android.content.Context
import android.content.Intent
import android.os.Looper
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import java.time.Duration
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class SystemTest {
    private val app: Application = RuntimeEnvironment.getApplication()

    class Deny : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) = Unit
    }

    class Job : UpkeepJob() {
        override suspend fun upkeep() = true
    }

    private fun notice(): Notification {
        val words = NoticeWords("Sign-in requests", "A sign-in request is waiting", "Deny", "Open")
        RequestNotices(app, words, android.R.drawable.ic_lock_lock, Deny::class.java, Activity::class.java)
            .show("r1", "Sign in to Hours?", "Utrecht · Firefox", nowMs = 1_000, expiresAtMs = 61_000)
        return shadowOf(app.service<NotificationManager>()).allNotifications.single()
    }

    @Test
    fun `a request can be denied and opened from its notice, and not approved`() {
        val actions = notice().actions
        assertEquals(listOf("Deny", "Open"), actions.map { it.title.toString() })
        actions[0].actionIntent.send()
        val denied = shadowOf(app).broadcastIntents.single()
        assertEquals(RequestNotices.DENY to "r1", denied.action to denied.getStringExtra(RequestNotices.REQUEST))
        actions[1].actionIntent.send()
        val opened = shadowOf(app).nextStartedActivity
        assertEquals(RequestNotices.OPEN to "r1", opened.action to opened.getStringExtra(RequestNotices.REQUEST))
    }

    @Test
    fun `a locked screen shows no name, and the notice ends with its request`() {
        val notice = notice()
        assertEquals(Notification.VISIBILITY_PRIVATE, notice.visibility)
        val public = notice.publicVersion.extras
        val shown = listOfNotNull(public.getString(Notification.EXTRA_TITLE), public.getString(Notification.EXTRA_TEXT)).joinToString()
        assertEquals("A sign-in request is waiting", shown)
        assertEquals("Sign in to Hours?", notice.extras.getString(Notification.EXTRA_TITLE))
        assertEquals(60_000, notice.timeoutAfter)
    }

    @Test
    fun `a copied code is sensitive and is taken back, but nothing else is`() {
        val clipboard = app.service<ClipboardManager>()
        CodeClipboard(app).copy("482916", 20_000)
        assertTrue(clipboard.primaryClip!!.description.extras.getBoolean(ClipDescription.EXTRA_IS_SENSITIVE))
        assertEquals("482916", clipboard.primaryClip!!.getItemAt(0).text)
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(19_999))
        assertTrue(clipboard.hasPrimaryClip())
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(1))
        assertFalse(clipboard.hasPrimaryClip())

        CodeClipboard(app).copy("111222", 20_000)
        clipboard.setPrimaryClip(ClipData.newPlainText("mine", "a text of my own"))
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(30_000))
        assertEquals("a text of my own", clipboard.primaryClip!!.getItemAt(0).text)
    }

    @Test
    fun `pictures of the window are forbidden until they are allowed`() {
        val activity = Robolectric.buildActivity(Activity::class.java).setup().get()
        activity.forbidPictures(true)
        assertEquals(FLAG_SECURE, activity.window.attributes.flags and FLAG_SECURE)
        activity.forbidPictures(false)
        assertEquals(0, activity.window.attributes.flags and FLAG_SECURE)
    }

    @Test
    fun `upkeep runs twice a day while there is a network`() {
        UpkeepJob.schedule(app, Job::class.java, Duration.ofHours(12))
        val job = app.service<JobScheduler>().allPendingJobs.single()
        assertEquals(12 * 3_600_000L, job.intervalMillis)
        assertNotNull(job.requiredNetwork)
    }
}
