package app.klink.presentation

import app.klink.core.NewVault
import app.klink.core.TypedBack
import app.klink.core.UnlockKey
import app.klink.core.VaultException
import app.klink.core.VaultStatus
import app.klink.presentation.FirstStartState.ChoosePassphrase
import app.klink.presentation.FirstStartState.OfferBiometrics
import app.klink.presentation.FirstStartState.OpenBackup
import app.klink.presentation.FirstStartState.RepeatPassphrase
import app.klink.presentation.FirstStartState.RepeatRecoveryCode
import app.klink.presentation.FirstStartState.ShowRecoveryCode
import app.klink.presentation.FirstStartState.Welcome
import kotlinx.coroutines.CoroutineScope

/** Makes the vault: no account before there is a way back in that is no hardware. */
class FirstStartModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<FirstStartState, FirstStartEvent>(Welcome(isPrevious(session.phone)), scope) {
    private val core = session.phone.core
    private val library = session.phone.library
    private val device = session.phone.device
    private val clock = session.phone.clock

    /** What was chosen and has not been typed back yet; then what opens the new vault, until biometrics are settled. */
    private var chosen = ""
    private var key: UnlockKey? = null
    private var backup: PickedFile? = null

    override fun on(event: FirstStartEvent) = when (event) {
        is FirstStartEvent.WithPassphrase -> shown.value = ChoosePassphrase()
        is FirstStartEvent.WithRecoveryCode -> showCode()
        is FirstStartEvent.Restore -> once { choose() }
        is FirstStartEvent.StartNew -> once { startNew() }
        is FirstStartEvent.PassphraseTyped -> estimate(event.passphrase)
        is FirstStartEvent.PassphraseChosen -> keep(event.passphrase)
        is FirstStartEvent.PassphraseRepeated -> once { repeated(event.passphrase) }
        is FirstStartEvent.CodeWrittenDown -> shown.value = RepeatRecoveryCode()
        is FirstStartEvent.CodeRepeated -> once { makeWithCode(event.typed) }
        is FirstStartEvent.BackupOpened -> once { restore(typedKey(event.typed, event.isRecoveryCode)) }
        is FirstStartEvent.AllowBiometrics -> once { allowBiometrics() }
        is FirstStartEvent.WithoutBiometrics -> done()
        is FirstStartEvent.OpenScreenLockSettings -> device.openSystemPage(SystemPage.SCREEN_LOCK)
        is FirstStartEvent.Back -> back()
    }

    private fun showCode() {
        when (val came = attempt { library.recoveryCode() }) {
            is Attempt.Done -> {
                chosen = came.value
                shown.value = ShowRecoveryCode(chosen)
            }
            is Attempt.Refused -> shown.value = Welcome(isPrevious(session.phone), problem = came.message)
        }
    }

    private fun estimate(passphrase: String) {
        shown.value = ChoosePassphrase(if (passphrase.isEmpty()) null else library.strength(passphrase))
    }

    private fun keep(passphrase: String) {
        if (passphrase.isEmpty()) {
            shown.value = ChoosePassphrase(problem = Message(Sentence.PASSPHRASE_EMPTY))
            return
        }
        chosen = passphrase
        shown.value = RepeatPassphrase()
    }

    private suspend fun repeated(passphrase: String) {
        if (passphrase != chosen) {
            shown.value = RepeatPassphrase(problem = Message(Sentence.PASSPHRASE_DIFFERS))
            return
        }
        shown.value = RepeatPassphrase(working = true)
        make(NewVault(passphrase = passphrase.toByteArray()), passphrase(passphrase)) { RepeatPassphrase(problem = it.message) }
    }

    private suspend fun makeWithCode(typed: String) {
        shown.value = RepeatRecoveryCode(working = true)
        make(NewVault(recoveryCode = TypedBack(chosen, typed)), UnlockKey.RecoveryCode(chosen)) {
            RepeatRecoveryCode(problem = it.message)
        }
    }

    private suspend fun make(new: NewVault, opens: UnlockKey, otherwise: (Attempt.Refused) -> FirstStartState) {
        val came = attempt { core.create(new, clock.now()) }
        new.passphrase?.fill(0)
        when (came) {
            is Attempt.Done -> made(opens)
            is Attempt.Refused -> shown.value = otherwise(came)
        }
    }

    private suspend fun made(opens: UnlockKey) {
        chosen = ""
        session.opened(null)
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
            is Attempt.Done -> {
                session.opened(came.value)
                key = opens
                shown.value = OfferBiometrics(device.biometrics)
            }
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
    }

    private fun back() {
        when (shown.value) {
            is Welcome, is OfferBiometrics -> ways.back()
            is RepeatPassphrase -> shown.value = ChoosePassphrase()
            is RepeatRecoveryCode -> shown.value = ShowRecoveryCode(chosen)
            is ChoosePassphrase, is ShowRecoveryCode, is OpenBackup -> shown.value = Welcome(isPrevious(session.phone))
        }
    }

    private companion object {
        fun isPrevious(phone: Phone) = try {
            phone.core.status() is VaultStatus.PreviousVault
        } catch (_: VaultException) {
            false
        }
    }
}
