package app.klink

import android.Manifest
import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ApplicationInfo
import android.content.pm.PackageInfo
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
import app.klink.presentation.AppEvent
import app.klink.presentation.Place
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
        val token = registered()
        for (known in listOf(token, "a stranger's")) brought(UnifiedPush.MESSAGE, known) { putExtra("bytesMessage", byteArrayOf(1, 2, 3)) }
        settle()
        assertEquals(0, notices.size)
    }

    @Test
    fun `a distributor is asked with the service's own key, and the service hears where wake-ups go`() {
        app.seed()
        enrolled("address")
        val (id, key) = runBlocking { app.parts.core.run { enrolments().single().id.let { it to assertNotNull(pushKey(it)) } } }
        val token = registered()
        assertEquals(87, key.length)
        assertEquals(key, asked().getStringExtra("vapid"))
        fun goes() = runBlocking { app.parts.core.enrolments().single().pushEndpoint }
        brought(UnifiedPush.NEW_ENDPOINT, "a stranger's") { putExtra("endpoint", "https://push.example/evil") }
        settle()
        assertEquals(null, goes())
        assertFalse(app.device.facts().canBeWoken)
        brought(UnifiedPush.NEW_ENDPOINT, token) { putExtra("endpoint", "https://push.example/abc") }
        waitUntil { goes() == "https://push.example/abc" }
        assertTrue(app.device.facts().canBeWoken)
        runBlocking { app.parts.core.removeEnrolment(id) }
        app.parts.model.on(AppEvent.Upkeep)
        waitUntil { shadowOf(app).broadcastIntents.any { it.action == UnifiedPush.UNREGISTER && it.getStringExtra("token") == token } }
    }

    @Test
    fun `of two distributors none is asked before a person chose`() {
        app.seed()
        enrolled("chosen")
        install("org.one")
        install("org.two")
        app.parts.model.on(AppEvent.Upkeep)
        settle()
        assertEquals(0, shadowOf(app).broadcastIntents.count { it.action == UnifiedPush.REGISTER })
        open().use {
            app.parts.model.go(Place.SelfCheck)
            compose.tap("Mend: Wake-ups")
            compose.tap("org.two")
            waitUntil { shadowOf(app).broadcastIntents.any { it.action == UnifiedPush.REGISTER } }
            assertEquals("org.two", asked().`package`)
        }
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

    private fun install(id: String) = shadowOf(app.packageManager).run {
        installPackage(PackageInfo().apply { packageName = id; applicationInfo = ApplicationInfo().apply { packageName = id; nonLocalizedLabel = id } })
        addReceiverIfNotPresent(ComponentName(id, "$id.Receiver"))
        addIntentFilterForReceiver(ComponentName(id, "$id.Receiver"), IntentFilter(UnifiedPush.REGISTER))
    }

    private fun asked(): Intent = shadowOf(app).broadcastIntents.last { it.action == UnifiedPush.REGISTER }

    /** The one distributor there is was asked to bring the wake-ups of the one enrolment: the token that it was given. */
    private fun registered(): String {
        install("org.distributor")
        app.parts.model.on(AppEvent.Upkeep)
        waitUntil { shadowOf(app).broadcastIntents.any { it.action == UnifiedPush.REGISTER } }
        return assertNotNull(asked().getStringExtra("token"))
    }

    private fun brought(action: String, token: String, what: Intent.() -> Unit) =
        app.sendBroadcast(Intent(action).setComponent(ComponentName(app, WakeUpReceiver::class.java)).putExtra("token", token).apply(what))

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
