package app.klink

import android.Manifest
import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Looper
import android.service.quicksettings.IQSService
import android.service.quicksettings.TileService
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import app.klink.core.AnswerKind
import app.klink.core.Outcome
import app.klink.platform.UnifiedPush
import app.klink.platform.service
import app.klink.presentation.Screen
import java.lang.reflect.Proxy
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** What happens without the app's window: notices, wake-ups, upkeep, the tile. The service is the real one. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], application = TestApp::class, qualifiers = "w412dp-h892dp-xhdpi")
class OutsideTest {
    @get:Rule
    val compose = createEmptyComposeRule()

    private val notices get() = shadowOf(app.service<NotificationManager>()).allNotifications

    @Test
    fun `a sign-in is announced over the lock without names, and denied from there`() {
        app.seed()
        val stage = enrolled("notice")
        app.parts.core.lock()
        stage.does("ask")
        val id = runBlocking { app.parts.core.refreshChallenges().open.single().id }
        runBlocking { app.announce(id) }
        val notice = notices.single()
        assertEquals(listOf("Deny", "Open"), notice.actions.map { it.title.toString() })
        assertEquals(Notification.VISIBILITY_PRIVATE, notice.visibility)
        val public = notice.publicVersion
        assertEquals(listOf("A sign-in request is waiting"), public.said())
        assertTrue(public.actions.isNullOrEmpty())
        // The service's demo application, where the page stands and what it runs in.
        assertTrue(notice.said().first().startsWith("Sign in to "), "${notice.said()}")
        assertFalse(notice.said().any { "notice" in it }, "the account's name is sealed while it is locked")
        notice.actions[0].actionIntent.send()
        waitUntil { stage.does("state") == "Denied" }
        waitUntil { notices.isEmpty() }
        val told = runBlocking { app.parts.core.pushHistory().first() }
        assertEquals(AnswerKind.DENY to Outcome.DENIED, told.kind to told.outcome)
    }

    @Test
    fun `a notice opens its request, which asks for the page's number`() {
        app.seed()
        val stage = enrolled("opened")
        val number = stage.does("ask")
        val id = runBlocking { app.parts.core.refreshChallenges().open.single().id }
        runBlocking { app.announce(id) }
        notices.single().actions[1].actionIntent.send()
        val intent = shadowOf(app).nextStartedActivity
        assertEquals(MainActivity::class.java.name, intent.component!!.className)
        open(intent).use { window ->
            compose.seen(hasText("Sign in to ", substring = true))
            compose.look(window, "request")
            assertIs<Screen.Approve>(app.parts.model.state.value.screen)
            assertTrue(notices.isEmpty(), "what is shown is not announced")
            assertFalse(compose.shows(hasText(number)), "the number stands on the page alone")
            compose.tap("Deny")
            waitUntil { stage.does("state") == "Denied" }
        }
    }

    @Test
    fun `what is no request of ours shows nothing`() {
        app.seed()
        enrolled("quiet")
        runBlocking { app.announce("nobody's") }
        val push = UnifiedPush(app)
        push.register("org.distributor")
        val token = shadowOf(app).broadcastIntents.last { it.action == UnifiedPush.REGISTER }.getStringExtra("token")
        for (known in listOf(token, "a stranger's")) {
            app.sendBroadcast(
                Intent(UnifiedPush.MESSAGE).setComponent(ComponentName(app, WakeUpReceiver::class.java))
                    .putExtra("token", known).putExtra("bytesMessage", byteArrayOf(1, 2, 3)),
            )
        }
        settle()
        assertEquals(0, notices.size)
    }

    @Test
    fun `the distributor's address goes to every service`() {
        app.seed()
        enrolled("address")
        val push = UnifiedPush(app)
        push.register("org.distributor")
        val token = shadowOf(app).broadcastIntents.last { it.action == UnifiedPush.REGISTER }.getStringExtra("token")
        app.sendBroadcast(
            Intent(UnifiedPush.NEW_ENDPOINT).setComponent(ComponentName(app, WakeUpReceiver::class.java))
                .putExtra("token", token).putExtra("endpoint", "https://push.example/abc"),
        )
        settle()
        assertEquals("https://push.example/abc", app.device.phone.pushEndpoint)
    }

    @Test
    fun `upkeep is planned twice a day, asks the services, and goes on after a failure`() {
        val planned = app.service<JobScheduler>().allPendingJobs.single()
        assertEquals(ComponentName(app, KlinkUpkeep::class.java) to 12 * 3_600_000L, planned.service to planned.intervalMillis)
        app.seed()
        enrolled("upkeep")
        app.parts.core.lock()
        val before = polled()
        val upkeep = Robolectric.buildService(KlinkUpkeep::class.java).create().get()
        assertTrue(runBlocking { upkeep.upkeep() })
        assertTrue(polled() > before)
    }

    @Test
    fun `the tile opens the list, ready to search`() {
        val tile = Robolectric.buildService(KlinkTile::class.java).create().get()
        // Robolectric has no panel of quick settings: it would send the intent.
        val panel = Proxy.newProxyInstance(IQSService::class.java.classLoader, arrayOf(IQSService::class.java)) { _, _, arguments ->
            arguments?.filterIsInstance<PendingIntent>()?.forEach(PendingIntent::send)
        }
        TileService::class.java.getDeclaredField("mService").apply { isAccessible = true }.set(tile, panel)
        tile.onClick()
        val intent = shadowOf(app).nextStartedActivity
        assertEquals(MainActivity.SEARCH to MainActivity::class.java.name, intent.action to intent.component!!.className)
        app.seed()
        open(intent).use { assertIs<Screen.Accounts>(app.parts.model.state.value.screen) }
    }

    @Test
    fun `the app asks for no permission but those that it needs`() {
        val asked = app.packageManager.getPackageInfo(app.packageName, PackageManager.GET_PERMISSIONS).requestedPermissions!!.toSet()
        val needed = setOf(
            Manifest.permission.INTERNET, Manifest.permission.CAMERA, Manifest.permission.POST_NOTIFICATIONS,
            Manifest.permission.USE_BIOMETRIC, Manifest.permission.RECEIVE_BOOT_COMPLETED,
        )
        assertEquals(needed, asked.filter { it.startsWith("android.permission.") }.toSet())
    }

    private fun polled(): Long = runBlocking { assertNotNull(app.parts.core.enrolments().single().lastPollAnsweredMs) }

    private fun Notification.said(): List<String> =
        listOf(Notification.EXTRA_TITLE, Notification.EXTRA_TEXT).mapNotNull { extras.getCharSequence(it)?.toString() }

    /** Lets what was begun on the main thread and in the library come to its end. */
    private fun settle() = repeat(20) {
        shadowOf(Looper.getMainLooper()).idle()
        Thread.sleep(50)
    }

    private fun waitUntil(what: () -> Boolean) {
        val until = System.nanoTime() + 30_000_000_000
        while (!what()) {
            check(System.nanoTime() < until) { "it did not happen" }
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(20)
        }
    }
}
