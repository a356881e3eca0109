package app.klink.presentation

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** Choices that are kept outside the vault, and the ways into it. */
class SettingsModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<SettingsState, SettingsEvent>(start(session.phone), scope) {
    private val core = session.phone.core
    private val clock = session.phone.clock
    private val confirmer = Confirmer(core) { confirming -> shown.update { it.copy(confirming = confirming) } }

    init {
        scope.launch { session.phone.preferences.now.collect { now -> shown.update { it.copy(preferences = now) } } }
        scope.launch { readWays() }
    }

    override fun on(event: SettingsEvent) = when (event) {
        is SettingsEvent.Change -> change(event.how)
        is SettingsEvent.AllowBiometrics -> once {
            confirmer.ask(except = setOf(UnlockState.Way.DEVICE)) { key ->
                core.renewDeviceWayIn(key, clock.now())
                readWays()
            }
        }
        is SettingsEvent.RemoveWayIn -> once {
            confirmer.ask { key ->
                core.removeWayIn(key, event.id, clock.now())
                readWays()
            }
        }
        is SettingsEvent.Choose -> choose(event.distributor)
        is Confirm -> once { confirmer.on(event.event) }
        is Go -> ways.go(event.place)
        is SettingsEvent.ProblemRead -> shown.update { it.copy(problem = null) }
        is Back -> ways.back()
    }

    private fun change(how: (Preferences) -> Preferences) {
        session.phone.preferences.change(how)
        session.watch()
    }

    private fun choose(distributor: String) {
        session.phone.device.distributors.choose(distributor)
        shown.update { it.copy(distributor = distributor) }
        session.renewWakeUps()
    }

    private suspend fun readWays() {
        when (val came = attempt { core.waysIn() }) {
            is Attempt.Done -> shown.update { it.copy(waysIn = came.value) }
            is Attempt.Refused -> shown.update { it.copy(problem = came.message) }
        }
    }

    private companion object {
        fun start(phone: Phone) = SettingsState(
            phone.preferences.now.value, biometrics = phone.device.biometrics, version = phone.device.phone.app,
            distributors = phone.device.distributors.installed, distributor = phone.device.distributors.chosen,
        )
    }
}
