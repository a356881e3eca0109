package app.klink.platform

import android.app.Application
import android.app.BroadcastOptions
import android.app.PendingIntent
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ApplicationInfo
import android.content.pm.PackageInfo
import app.klink.presentation.Distributor
import app.klink.presentation.mustChoose
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** What distributors are told, and what is believed of them. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class UnifiedPushTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val push = UnifiedPush(app)

    private val told get() = shadowOf(app).broadcastIntents

    private fun install(id: String, name: String) {
        val packages = shadowOf(app.packageManager)
        packages.installPackage(PackageInfo().apply {
            packageName = id
            applicationInfo = ApplicationInfo().apply { packageName = id; nonLocalizedLabel = name }
        })
        val receiver = ComponentName(id, "$id.Receiver")
        packages.addReceiverIfNotPresent(receiver)
        packages.addIntentFilterForReceiver(receiver, IntentFilter(UnifiedPush.REGISTER))
    }

    /** Registers and returns the token that the distributor was given. */
    private fun register(enrolment: String, key: String, tellAgain: Boolean = false): String {
        push.register(enrolment, key, tellAgain)
        return assertNotNull(told.last().getStringExtra("token"))
    }

    private fun said(action: String, token: String?, endpoint: String? = null, id: String? = null) =
        Intent(action).putExtra("token", token).putExtra("endpoint", endpoint).putExtra("id", id)

    @Test
    fun `each enrolment is a registration of its own, with its service's key`() {
        install("org.one", "One")
        val first = register("e1", "key of one")
        val second = register("e2", "key of another")
        assertNotEquals(first, second)
        assertEquals(22, first.length, "128 bits")
        val asked = told.map { listOf(it.action, it.`package`, it.getStringExtra("token"), it.getStringExtra("vapid")) }
        assertEquals(
            listOf(
                listOf(UnifiedPush.REGISTER, "org.one", first, "key of one"),
                listOf(UnifiedPush.REGISTER, "org.one", second, "key of another"),
            ),
            asked,
        )
        assertEquals(first, register("e1", "key of one"), "the same registration again")
        assertEquals(mapOf("e1" to "key of one", "e2" to "key of another"), UnifiedPush(app).registered)
    }

    @Test
    fun `a distributor is told who asks, by the system itself`() {
        install("org.one", "One")
        register("e1", "key")
        push.unregister("e1")
        assertEquals(listOf(UnifiedPush.REGISTER, UnifiedPush.UNREGISTER), told.map { it.action })
        for (intent in told) {
            val options = BroadcastOptions.fromBundle(assertNotNull(shadowOf(app).getBroadcastOptions(intent)))
            assertTrue(options.isShareIdentityEnabled)
            assertEquals(app.packageName, intent.getParcelableExtra("pi", PendingIntent::class.java)?.creatorPackage)
        }
    }

    @Test
    fun `a broadcast counts only with a token of ours, for the enrolment that it was made for`() {
        install("org.one", "One")
        register("e1", "key")
        val token = register("e2", "key")
        assertNull(push.take(said(UnifiedPush.NEW_ENDPOINT, "x", "push://evil")))
        assertNull(push.take(said(UnifiedPush.NEW_ENDPOINT, null, "push://evil")))
        assertFalse(push.brings)
        assertEquals(PushEvent.Address("e2", "push://a"), push.take(said(UnifiedPush.NEW_ENDPOINT, token, "push://a")))
        assertTrue(push.brings)
        val message = push.take(said(UnifiedPush.MESSAGE, token).putExtra("bytesMessage", byteArrayOf(7)))
        assertContentEquals(byteArrayOf(7), assertIs<PushEvent.WakeUp>(message).sealed)
        assertEquals(PushEvent.Address("e2", null), push.take(said(UnifiedPush.UNREGISTERED, token)))
        assertFalse(push.brings)
        assertNull(push.take(said(UnifiedPush.NEW_ENDPOINT, token, "push://late")), "a registration that ended")
    }

    @Test
    fun `what has an id is acknowledged, and what is a stranger's is not`() {
        install("org.one", "One")
        val token = register("e1", "key")
        fun acknowledged() = told.filter { it.action == UnifiedPush.ACK }.map { Triple(it.`package`, it.getStringExtra("token"), it.getStringExtra("id")) }
        push.take(said(UnifiedPush.MESSAGE, "x", id = "m0"))
        push.take(said(UnifiedPush.MESSAGE, token))
        assertEquals(emptyList(), acknowledged())
        push.take(said(UnifiedPush.NEW_ENDPOINT, token, "push://a", id = "m1"))
        push.take(said(UnifiedPush.MESSAGE, token, id = "m2"))
        assertEquals(listOf(Triple("org.one", token, "m1"), Triple("org.one", token, "m2")), acknowledged())
    }

    @Test
    fun `an address is told until the service knows it, and again when that is wanted`() {
        install("org.one", "One")
        val token = register("e1", "key")
        fun again() = push.take(said(UnifiedPush.NEW_ENDPOINT, token, "push://a"))
        val address = PushEvent.Address("e1", "push://a")
        assertEquals<PushEvent?>(address, again())
        assertEquals<PushEvent?>(address, again(), "the service was not reached")
        push.told(address)
        assertNull(again())
        assertEquals<PushEvent?>(PushEvent.Address("e1", "push://b"), push.take(said(UnifiedPush.NEW_ENDPOINT, token, "push://b")))
        assertNull(again(), "what it knew before is what it knows now")
        register("e1", "key", tellAgain = true)
        assertEquals<PushEvent?>(address, again())
    }

    @Test
    fun `a registration that failed takes another token, and one that had worked stays`() {
        install("org.one", "One")
        val refused = register("e1", "key")
        assertNull(push.take(said(UnifiedPush.REGISTRATION_FAILED, refused)))
        assertNull(push.take(said(UnifiedPush.NEW_ENDPOINT, refused, "push://late")))
        assertEquals(mapOf("e1" to "key"), push.registered, "it is tried again")
        val taken = register("e1", "key")
        assertNotEquals(refused, taken)
        push.take(said(UnifiedPush.NEW_ENDPOINT, taken, "push://a"))
        assertNull(push.take(said(UnifiedPush.REGISTRATION_FAILED, taken)))
        assertTrue(push.brings)
        assertEquals(taken, register("e1", "key"))
    }

    @Test
    fun `one distributor needs no choice, of several none is asked until one is chosen, and that is kept`() {
        assertEquals(null to false, push.chosen to push.mustChoose)
        install("org.one", "One")
        assertEquals("org.one" to false, push.chosen to push.mustChoose)
        install("org.two", "Two")
        assertEquals(listOf(Distributor("org.one", "One"), Distributor("org.two", "Two")), push.installed.sortedBy { it.id })
        assertEquals(null to true, push.chosen to push.mustChoose)
        push.register("e1", "key", tellAgain = false)
        assertEquals(emptyList(), told)
        push.choose("org.two")
        assertEquals("org.two" to false, UnifiedPush(app).run { chosen to mustChoose })
        register("e1", "key")
        assertEquals("org.two", told.single().`package`)
    }

    @Test
    fun `who is chosen in another's place is asked anew, and the other brings nothing more`() {
        install("org.one", "One")
        val before = register("e1", "key")
        push.take(said(UnifiedPush.NEW_ENDPOINT, before, "push://one"))
        install("org.two", "Two")
        assertEquals("org.one", push.chosen, "what works is left as it is")
        push.choose("org.two")
        val ended = told.last()
        assertEquals(listOf(UnifiedPush.UNREGISTER, "org.one", before), listOf(ended.action, ended.`package`, ended.getStringExtra("token")))
        assertNull(push.take(said(UnifiedPush.NEW_ENDPOINT, before, "push://one")))
        assertNotEquals(before, register("e1", "key"))
        assertEquals("org.two", told.last().`package`)
    }

    @Test
    fun `a distributor that was removed leaves its place to the only one there is`() {
        install("org.one", "One")
        push.take(said(UnifiedPush.NEW_ENDPOINT, register("e1", "key"), "push://one"))
        shadowOf(app.packageManager).removeReceiver(ComponentName("org.one", "org.one.Receiver"))
        assertEquals(null, push.chosen)
        assertFalse(push.brings)
        install("org.two", "Two")
        assertEquals("org.two", push.chosen)
        register("e1", "key")
        assertEquals("org.two", told.last().`package`)
        assertFalse(push.brings, "its address is not there yet")
    }
}
