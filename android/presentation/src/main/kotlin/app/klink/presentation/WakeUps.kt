package app.klink.presentation

import app.klink.core.Enrolment
import app.klink.core.EnrolmentState
import app.klink.core.PushVendor

/** A program on this device that can bring wake-ups: its package, and what it calls itself. */
data class Distributor(val id: String, val name: String)

/**
 * Those who can bring wake-ups here, and what they were asked to bring. Each service's come to an address of its own, so that
 * no two learn that they wake one phone.
 */
interface Distributors {
    /** Those that are installed. */
    val installed: List<Distributor>

    /** The one that brings them; `null` when there is none, or several and nobody chose. */
    val chosen: String?

    /** The enrolments whose wake-ups are to be brought, each with the key that its service signs them with. */
    val registered: Map<String, String>

    /** Has [id] bring wake-ups from now on. What another one was asked to bring ends. */
    fun choose(id: String)

    /**
     * Asks the one that was chosen for an address where [pushKey] alone may send wake-ups of [enrolment]. It comes later and by
     * itself, and goes to the service when it is another one than before, or else if [tellAgain].
     */
    fun register(enrolment: String, pushKey: String, tellAgain: Boolean)

    /** Nothing is to be brought for [enrolment] any more. */
    fun unregister(enrolment: String)
}

/** Several could bring wake-ups, and nobody chose: none does. */
val Distributors.mustChoose: Boolean get() = chosen == null && installed.isNotEmpty()

/** Nobody brings wake-ups: the app asks while it is open. */
object NoDistributors : Distributors {
    override val installed = emptyList<Distributor>()
    override val chosen = null
    override val registered = emptyMap<String, String>()

    override fun choose(id: String) = Unit

    override fun register(enrolment: String, pushKey: String, tellAgain: Boolean) = Unit

    override fun unregister(enrolment: String) = Unit
}

/** The relay of this app's publisher, the vendor behind it, and what that calls this app on this phone. */
data class Relay(val origin: String, val vendor: PushVendor, val token: String)

/**
 * Has each service's wake-ups brought: by the relay of a build that has one, else by the distributor that was chosen. Works
 * while the vault is locked.
 */
internal class WakeUps(private val phone: Phone) {
    private val core = phone.core
    private val distributors get() = phone.device.distributors

    /**
     * Sees to every enrolment that works, and ends what is left of others. A key that is known is asked for again only if
     * [afresh]. What fails is tried again the next time.
     */
    suspend fun renew(afresh: Boolean) {
        val known = distributors.registered
        val working = attempt { core.enrolments() }.or { return }.filter { it.state.takesAddress() }
        (known.keys - working.map { it.id }.toSet()).forEach(distributors::unregister)
        // Before somebody enrolled no vendor is asked for anything.
        val relay = if (working.isEmpty()) null else phone.device.relay()
        if (relay != null) return subscribe(relay, working)
        for (id in working.map { it.id }) {
            if (distributors.chosen == null) end(id, known) else register(id, known[id], afresh)
        }
    }

    private suspend fun register(id: String, known: String?, afresh: Boolean) {
        val key = if (known != null && !afresh) known else attempt { core.pushKey(id) }.or { null } ?: known
        if (key != null) distributors.register(id, key, afresh)
    }

    /** Who brought them is gone, and nobody is in its place: the service is told before that is forgotten. */
    private suspend fun end(id: String, known: Map<String, String>) {
        if (id in known && refused { core.changePushEndpoint(id, null) } == null) distributors.unregister(id)
    }

    /** Gives each service an address that has none, and all of them another one when relay or token did change. */
    private suspend fun subscribe(relay: Relay, working: List<Enrolment>) {
        val now = "${relay.origin} ${relay.token}"
        val isNew = phone.preferences.now.value.relayed != now
        val failed = working.filter { isNew || it.pushEndpoint == null }.count { row ->
            refused {
                val key = core.pushKey(row.id)
                if (key != null) core.changePushEndpoint(row.id, core.subscribe(relay.origin, relay.vendor, relay.token, key))
            } != null
        }
        if (failed == 0) phone.preferences.change { it.copy(relayed = now) }
    }
}

private fun EnrolmentState.takesAddress(): Boolean = when (this) {
    is EnrolmentState.PendingTest, is EnrolmentState.Active, is EnrolmentState.NeedsApprovalKey -> true
    is EnrolmentState.Enrolling, is EnrolmentState.Revoked, is EnrolmentState.Failed, is EnrolmentState.Damaged -> false
}
