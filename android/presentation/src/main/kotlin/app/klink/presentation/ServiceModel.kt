package app.klink.presentation

import app.klink.core.WhichKey
import app.klink.presentation.ServiceState.Shown
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** One service that sends requests: its name, a test, quiet hours, its keys, the way out. */
class ServiceModel(private val session: Session, scope: CoroutineScope, private val ways: Ways, private val id: String) :
    Standing<ServiceState, ServiceEvent>(ServiceState.Gone, scope) {
    private val core = session.phone.core
    private val clock = session.phone.clock

    init {
        scope.launch { session.requests.collect { read() } }
    }

    override fun on(event: ServiceEvent) = when (event) {
        is ServiceEvent.Rename -> does { core.renameEnrolment(id, event.name) }
        is ServiceEvent.Test -> once { test() }
        is Go -> ways.go(event.place)
        is ServiceEvent.Quiet -> does { core.mute(id, clock.now() + event.forMs) }
        is ServiceEvent.NewApprovalKey -> does { core.rotateKey(id, WhichKey.APPROVAL) }
        is ServiceEvent.Resume -> does { core.resumeEnrolment(id) }
        is ServiceEvent.Remove -> show { it.copy(removing = true) }
        is ServiceEvent.KeepIt -> show { it.copy(removing = false) }
        is ServiceEvent.ReallyRemove -> once { remove(event.tellService) }
        is Back -> ways.back()
    }

    private fun show(next: (Shown) -> Shown) = shown.update { if (it is Shown) next(it) else it }

    private suspend fun read() {
        val row = attempt { core.enrolments() }.or { return }.find { it.id == id }
        shown.update { before ->
            when {
                row == null -> ServiceState.Gone
                before is Shown -> before.copy(enrolment = row)
                else -> Shown(row)
            }
        }
    }

    private fun does(what: suspend () -> Unit) = once {
        show { it.copy(working = true, problem = null) }
        val problem = refused { what() }
        show { it.copy(working = false, problem = problem) }
        read()
    }

    private suspend fun test() {
        show { it.copy(working = true, problem = null, testNumber = null) }
        val came = attempt { core.testPush(id) }
        show {
            when (came) {
                is Attempt.Done -> it.copy(working = false, testNumber = came.value.number)
                is Attempt.Refused -> it.copy(working = false, problem = came.message)
            }
        }
        session.lookAnew()
    }

    private suspend fun remove(tellService: Boolean) {
        show { it.copy(working = true, problem = null) }
        val problem = refused { if (tellService) core.unenrol(id) else core.removeEnrolment(id) }
        if (problem != null) return show { it.copy(working = false, removing = false, problem = problem) }
        session.renewWakeUps()
        ways.back()
    }
}
