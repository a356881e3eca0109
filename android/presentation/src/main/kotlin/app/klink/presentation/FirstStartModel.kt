package app.klink.presentation

import app.klink.core.NewVault
import app.klink.core.Opened
import app.klink.core.UnlockKey
import app.klink.core.VaultStatus
import app.klink.presentation.FirstStartState.OfferBiometrics
import app.klink.presentation.FirstStartState.OpenBackup
import app.klink.presentation.FirstStartState.Welcome
import kotlinx.coroutines.CoroutineScope

/** Makes the vault: no account before there is a way back in that is no hardware. */
class FirstStartModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<FirstStartState, FirstStartEvent>(Welcome(isPrevious(session.phone)), scope) {
    private val core = session.phone.core
    private val device = session.phone.device
    private val clock = session.phone.clock

    private val newKey = NewKey(session.phone.library, { shown.value = it }, ::once, ::make)

    /** What opens the new vault, until biometrics are settled. */
    private var key: UnlockKey? = null
    private var backup: PickedFile? = null

    override fun on(event: FirstStartEvent) = when (event) {
        is NewKeyEvent -> newKey.on(event)
        is FirstStartEvent.WithPassphrase -> shown.value = NewKeyState.ChoosePassphrase()
        is FirstStartEvent.WithRecoveryCode -> newKey.showCode()
        is FirstStartEvent.Restore -> once { choose() }
        is FirstStartEvent.StartNew -> once { startNew() }
        is FirstStartEvent.BackupOpened -> once { restore(typedKey(event.typed, event.isRecoveryCode)) }
        is FirstStartEvent.AllowBiometrics -> once { allowBiometrics() }
        is FirstStartEvent.WithoutBiometrics -> done()
        is FirstStartEvent.OpenScreenLockSettings -> device.openSystemPage(SystemPage.SCREEN_LOCK)
        is Back -> back()
    }

    private suspend fun make(new: NewVault, opens: UnlockKey): Message? {
        val problem = refused { core.create(new, clock.now()) }
        new.passphrase?.fill(0)
        if (problem == null) made(opens)
        return problem
    }

    private suspend fun made(opens: UnlockKey, opened: Opened? = null) {
        session.opened(opened)
        key = opens
        shown.value = OfferBiometrics(device.biometrics)
    }

    private suspend fun allowBiometrics() {
        val key = key ?: return done()
        shown.value = OfferBiometrics(device.biometrics, working = true)
        val problem = refused { core.renewDeviceWayIn(key, clock.now()) }
        if (problem == null) done() else shown.value = OfferBiometrics(device.biometrics, problem = problem)
    }

    private suspend fun choose() {
        val file = device.pickFiles(many = false).firstOrNull() ?: return
        backup = file
        shown.value = OpenBackup(file.name)
    }

    private suspend fun restore(opens: UnlockKey) {
        val file = backup ?: return
        shown.value = OpenBackup(file.name, working = true)
        when (val came = attempt { core.restoreBackup(file.path, opens, clock.now()) }) {
            is Attempt.Done -> made(opens, came.value)
            is Attempt.Refused -> {
                wipe(opens)
                shown.value = OpenBackup(file.name, problem = came.message)
            }
        }
    }

    private suspend fun startNew() {
        shown.value = Welcome(previous = true, working = true)
        val problem = refused { core.archivePrevious() }
        shown.value = Welcome(isPrevious(session.phone), problem = problem)
    }

    private fun done() {
        key?.let(::wipe)
        key = null
        ways.replace(Place.Accounts)
        ways.go(Place.SelfCheck)
    }

    private fun back() = when (val state = shown.value) {
        is Welcome, is OfferBiometrics -> ways.back()
        is NewKeyState -> shown.value = newKey.before(state) ?: Welcome(isPrevious(session.phone))
        is OpenBackup -> shown.value = Welcome(isPrevious(session.phone))
    }

    private companion object {
        fun isPrevious(phone: Phone) = attempt { phone.core.status() }.or { null } is VaultStatus.PreviousVault
    }
}
