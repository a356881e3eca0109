package app.klink.presentation

import app.klink.core.Advice
import app.klink.core.CheckItem
import app.klink.core.CheckLine
import app.klink.core.CheckState
import app.klink.core.Enrolment
import app.klink.core.EnrolmentState
import app.klink.core.NetworkTrouble
import app.klink.core.PushException
import app.klink.core.PushVendor
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

/** Distributors in memory, and what they were told. */
class FakeDistributors(vararg names: String) : Distributors {
    override var installed = names.map { Distributor(it, it.uppercase()) }
    override var chosen: String? = installed.singleOrNull()?.id
    override val registered = mutableMapOf<String, String>()
    val told = mutableListOf<String>()

    override fun choose(id: String) {
        chosen = id
        registered.clear()
        told += "choose $id"
    }

    override fun register(enrolment: String, pushKey: String, tellAgain: Boolean) {
        registered[enrolment] = pushKey
        told += "register $enrolment $pushKey" + if (tellAgain) " again" else ""
    }

    override fun unregister(enrolment: String) {
        registered -= enrolment
        told += "unregister $enrolment"
    }
}

@OptIn(ExperimentalCoroutinesApi::class)
class WakeUpsTest {
    private fun row(id: String, state: EnrolmentState = EnrolmentState.Active) = Enrolment(
        id, state, "login.hupra.example", "Hupra", "ann", null, null, createdAtMs = 0, lastPollAnsweredMs = null, lastPushReceivedMs = null,
        hardware = true, mayRenewApprovalKey = false, clockOffsetMs = 0, quietUntilMs = null,
    )

    private fun TestScope.fake(distributors: FakeDistributors, vararg rows: Enrolment) = FakePhone(this).apply {
        device.distributors = distributors
        core.rows = rows.toList()
        core.pushKeys = rows.associate { it.id to "key of ${it.id}" }
    }

    private fun TestScope.renew(fake: FakePhone, afresh: Boolean = false) {
        fake.session.renewWakeUps(afresh)
        runCurrent()
    }

    @Test
    fun `every enrolment that works is registered with its own service's key`() = runTest {
        val there = FakeDistributors("one")
        val fake = fake(
            there, row("a"), row("b", EnrolmentState.PendingTest), row("c", EnrolmentState.NeedsApprovalKey), row("d", EnrolmentState.Enrolling),
            row("e", EnrolmentState.Revoked(null)), row("f", EnrolmentState.Failed(null)), row("g", EnrolmentState.Damaged), row("h"),
        )
        fake.core.pushKeys = fake.core.pushKeys - "h"
        renew(fake)
        assertEquals(listOf("register a key of a", "register b key of b", "register c key of c"), there.told, "and none whose service sends nothing")
    }

    @Test
    fun `a key that is known is asked for again in the system's own time alone`() = runTest {
        val there = FakeDistributors("one")
        val fake = fake(there, row("a"))
        renew(fake)
        fake.core.pushKeys = mapOf("a" to "a new key")
        renew(fake)
        assertEquals(1, fake.core.calls.count { it == "pushKey a" })
        assertEquals("register a key of a", there.told.last(), "who is registered says so again")
        renew(fake, afresh = true)
        assertEquals("register a a new key again", there.told.last())
        fake.core.pushKeys = emptyMap()
        renew(fake, afresh = true)
        assertEquals("register a a new key again", there.told.last(), "a service that is not reached changes nothing")
    }

    @Test
    fun `what is no enrolment any more is not brought`() = runTest {
        val there = FakeDistributors("one")
        val fake = fake(there, row("a"), row("b"))
        renew(fake)
        fake.core.rows = listOf(row("a"), row("b", EnrolmentState.Revoked(null)))
        renew(fake)
        assertTrue("unregister b" in there.told)
        assertEquals(setOf("a"), there.registered.keys)
    }

    @Test
    fun `where nobody brings anything nobody is asked`() = runTest {
        val unchosen = FakeDistributors("one", "two")
        for (distributors in listOf(FakeDistributors(), unchosen)) {
            val fake = fake(distributors, row("a"))
            renew(fake)
            assertEquals(emptyList(), distributors.told + fake.core.calls)
        }
        val fake = fake(unchosen.apply { chosen = "one" }, row("a"))
        renew(fake)
        assertEquals(listOf("register a key of a"), unchosen.told)
    }

    @Test
    fun `a service is told that nobody brings its wake-ups any more, as often as it takes`() = runTest {
        val there = FakeDistributors("one")
        val fake = fake(there, row("a"))
        renew(fake)
        there.installed = emptyList()
        there.chosen = null
        fake.core.refuse = PushException.Network(NetworkTrouble.NoConnection)
        renew(fake)
        assertEquals(setOf("a"), there.registered.keys)
        fake.core.refuse = null
        renew(fake)
        assertEquals(2, fake.core.calls.count { it == "changePushEndpoint a null" })
        assertEquals(emptySet(), there.registered.keys)
    }

    @Test
    fun `a relay gives each service an address of its own, and another one for another token or relay alone`() = runTest {
        val fake = fake(FakeDistributors(), row("a"), row("b", EnrolmentState.Revoked(null)), row("c"))
        fun told() = fake.core.calls.filter { it.startsWith("changePush") }.also { fake.core.calls.clear() }
        fun has(vararg rows: Pair<String, String?>) {
            fake.core.rows = rows.map { (id, endpoint) -> row(id).copy(pushEndpoint = endpoint) }
        }
        fake.device.relay = Relay("relay", PushVendor.FCM, "t1")
        renew(fake)
        assertTrue("subscribe relay FCM t1 key of a" in fake.core.calls)
        assertEquals(listOf("changePushEndpoint a relay/t1/a", "changePushEndpoint c relay/t1/c"), told())
        has("a" to "relay/t1/a", "c" to null)
        renew(fake)
        assertEquals(listOf("changePushEndpoint c relay/t1/c"), told(), "who has one keeps it")
        has("a" to "relay/t1/a", "c" to "relay/t1/c")
        renew(fake)
        assertEquals(emptyList(), told())
        for (other in listOf(Relay("relay", PushVendor.FCM, "t2"), Relay("other", PushVendor.FCM, "t2"))) {
            fake.device.relay = other
            fake.core.refuse = PushException.Network(NetworkTrouble.NoConnection)
            renew(fake)
            told()
            fake.core.refuse = null
            renew(fake)
            assertEquals(2, told().size, "what failed is tried again")
            renew(fake)
            assertEquals(emptyList(), told())
        }
    }

    @Test
    fun `no vendor is asked before somebody enrolled, and without a token the distributor brings`() = runTest {
        val there = FakeDistributors("one")
        val fake = fake(there)
        fake.device.relay = Relay("relay", PushVendor.FCM, "t1")
        renew(fake)
        assertEquals(null, fake.preferences.now.value.relayed)
        fake.core.rows = listOf(row("a"))
        fake.core.pushKeys = mapOf("a" to "key of a")
        fake.device.relay = null
        renew(fake)
        assertEquals(listOf("register a key of a"), there.told)
    }

    @Test
    fun `the settings choose, and every enrolment follows`() = runTest {
        val there = FakeDistributors("one", "two")
        val fake = fake(there, row("a"))
        val model = SettingsModel(fake.session, backgroundScope, fake.ways)
        runCurrent()
        assertEquals(listOf("one", "two") to null, model.state.value.run { distributors.map { it.id } to distributor })
        model.on(SettingsEvent.Choose("two"))
        runCurrent()
        assertEquals("two", model.state.value.distributor)
        assertEquals(listOf("choose two", "register a key of a"), there.told)
    }

    @Test
    fun `the self-check says that one must be chosen, and leads there`() = runTest {
        val line = CheckLine(CheckItem.WAKE_UPS, CheckState.Better(Advice.OPEN_TO_SEE))
        for (there in listOf(FakeDistributors("one", "two"), FakeDistributors())) {
            val fake = fake(there).apply { core.check = { listOf(line) } }
            val model = SelfCheckModel(fake.session, backgroundScope, fake.ways)
            runCurrent()
            val must = there.installed.isNotEmpty()
            assertEquals(must, model.state.value.mustChoose)
            assertEquals(must, Advice.OPEN_TO_SEE.leads(model.state.value.mustChoose))
            model.on(SelfCheckEvent.Mend(line))
            runCurrent()
            assertEquals(if (must) listOf<Place>(Place.Settings) else emptyList(), fake.ways.went)
        }
        assertFalse(Advice.RESTART_DEVICE.leads(mustChoose = true))
        assertTrue(Advice.BACK_UP.leads(mustChoose = false))
    }

    @Test
    fun `the system's own time and the start of the app renew what is brought`() = runTest {
        val there = FakeDistributors("one")
        val fake = fake(there, row("a"))
        val app = AppModel(fake.phone, backgroundScope)
        runCurrent()
        assertEquals(listOf("register a key of a"), there.told)
        app.on(AppEvent.Upkeep)
        runCurrent()
        assertEquals("register a key of a again", there.told.last())
    }

    @Test
    fun `who brings wake-ups is asked while enrolling, where somebody must choose and the service sends any`() = runTest {
        for ((there, key) in listOf(
            FakeDistributors("one", "two") to "key", FakeDistributors("one", "two") to null, FakeDistributors("one") to "key", FakeDistributors() to "key",
        )) {
            val fake = fake(there).apply { core.offeredKey = key }
            val model = EnrolModel(fake.session, backgroundScope, fake.ways, "pushenrol:…")
            model.on(EnrolEvent.Connect)
            runCurrent()
            fun asked() = assertIs<EnrolState.AskService>(model.state.value)
            val asks = there.installed.size > 1 && key != null
            assertEquals(if (asks) there.installed else emptyList(), asked().distributors)
            if (!asks) continue
            model.on(EnrolEvent.Choose("two"))
            assertEquals("two" to there.installed, asked().distributor to asked().distributors)
            assertEquals(listOf("choose two"), there.told)
        }
    }
}
