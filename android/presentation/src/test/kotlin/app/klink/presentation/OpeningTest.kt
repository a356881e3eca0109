package app.klink.presentation

import app.klink.core.*
import app.klink.presentation.FirstStartState.OfferBiometrics
import app.klink.presentation.NewKeyState.RepeatPassphrase
import app.klink.presentation.NewKeyState.RepeatRecoveryCode
import app.klink.presentation.FirstStartState.Welcome
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

/** The first start and the lock. */
@OptIn(ExperimentalCoroutinesApi::class)
class OpeningTest {
    private fun TestScope.firstStart(set: FakePhone.() -> Unit = {}): Pair<FakePhone, FirstStartModel> {
        val fake = FakePhone(this).apply { core.status = VaultStatus.NoVault }.apply(set)
        return fake to FirstStartModel(fake.session, backgroundScope, fake.ways)
    }

    private fun TestScope.lock(set: FakePhone.() -> Unit = {}): Pair<FakePhone, UnlockModel> {
        val fake = FakePhone(this).apply(set)
        return fake to UnlockModel(fake.session, backgroundScope, fake.ways, null)
    }

    @Test
    fun `a passphrase is typed twice before there is a vault`() = runTest {
        val (fake, model) = firstStart()
        model.on(FirstStartEvent.WithPassphrase)
        model.on(NewKeyEvent.PassphraseChosen("walnut harbour"))
        model.on(NewKeyEvent.PassphraseRepeated("walnut harbor"))
        runCurrent()
        assertEquals(RepeatPassphrase(problem = Message(Sentence.PASSPHRASE_DIFFERS)), model.state.value)
        assertTrue("create" !in fake.core.calls)
        model.on(NewKeyEvent.PassphraseRepeated("walnut harbour"))
        runCurrent()
        assertEquals(OfferBiometrics(Biometrics.READY), model.state.value)
        model.on(FirstStartEvent.AllowBiometrics)
        runCurrent()
        assertEquals(listOf(Place.Accounts, Place.SelfCheck), fake.ways.went)
        assertTrue("renewDeviceWayIn" in fake.core.calls)
    }

    @Test
    fun `a recovery code that was not written down is no way in`() = runTest {
        val (fake, model) = firstStart()
        model.on(FirstStartEvent.WithRecoveryCode)
        val code = (model.state.value as NewKeyState.ShowRecoveryCode).code.orEmpty()
        model.on(NewKeyEvent.CodeWrittenDown)
        model.on(NewKeyEvent.CodeRepeated("something else"))
        runCurrent()
        assertEquals(RepeatRecoveryCode(problem = Message(Sentence.CODE_DIFFERS)), model.state.value)
        model.on(NewKeyEvent.CodeRepeated(code))
        runCurrent()
        model.on(FirstStartEvent.WithoutBiometrics)
        assertEquals(listOf(Place.Accounts, Place.SelfCheck), fake.ways.went)
        assertTrue("renewDeviceWayIn" !in fake.core.calls)
    }

    @Test
    fun `a vault whose file is gone is named, and started anew only when that was chosen`() = runTest {
        val (fake, model) = firstStart { core.status = VaultStatus.PreviousVault("old") }
        assertEquals(Welcome(previous = true), model.state.value)
        assertTrue("archivePrevious" !in fake.core.calls)
        model.on(FirstStartEvent.StartNew)
        runCurrent()
        assertEquals(Welcome(previous = false), model.state.value)
    }

    @Test
    fun `a refused prompt leaves a vault with its passphrase, and the question open`() = runTest {
        val (fake, model) = firstStart()
        model.on(NewKeyEvent.PassphraseChosen("walnut harbour"))
        model.on(NewKeyEvent.PassphraseRepeated("walnut harbour"))
        runCurrent()
        fake.core.refuse = VaultException.KeyStore(KeyStoreException.Cancelled())
        model.on(FirstStartEvent.AllowBiometrics)
        runCurrent()
        assertEquals(Sentence.KEYS_CANCELLED, assertIs<OfferBiometrics>(model.state.value).problem?.sentence)
        assertEquals(emptyList(), fake.ways.went)
    }

    @Test
    fun `the device is asked first where it opens the vault`() = runTest {
        val (_, model) = lock()
        assertEquals(setOf(UnlockState.Way.PASSPHRASE, UnlockState.Way.DEVICE), model.state.value.ways)
        assertEquals(UnlockState.Way.DEVICE, model.state.value.asked)
        val (_, other) = lock { core.status = VaultStatus.Locked(listOf(FakeCore.way(WayInKind.RECOVERY_CODE))) }
        assertEquals(UnlockState.Way.RECOVERY_CODE, other.state.value.asked)
    }

    @Test
    fun `a wait is counted down`() = runTest {
        val (_, model) = lock { core.opens = { throw VaultException.TooSoon(2_500) } }
        model.on(UnlockEvent.ByPassphrase("walnut"))
        runCurrent()
        assertEquals(Message(Sentence.TOO_SOON, 3) to 2_500L, model.state.value.problem to model.state.value.waitMs)
        advanceTimeBy(1_001)
        assertEquals(1_500, model.state.value.waitMs)
        advanceTimeBy(2_001)
        assertEquals(0, model.state.value.waitMs)
    }

    @Test
    fun `an unlocked vault leads to the list, one that may not be changed to the reason too`() = runTest {
        val (fake, model) = lock()
        model.on(UnlockEvent.ByDevice)
        runCurrent()
        assertEquals(listOf<Place>(Place.Accounts), fake.ways.went)
        assertTrue("watch 30000" in fake.core.calls)
        val (other, damaged) = lock {
            core.opens = { Opened(VaultMode.ReadOnly(ReadOnlyReason.ROLLED_BACK), FakeCore.REPORT) }
        }
        damaged.on(UnlockEvent.ByDevice)
        runCurrent()
        assertEquals(listOf(Place.Accounts, Place.Trouble), other.ways.went)
    }

    @Test
    fun `what was typed is overwritten, whatever came of it`() = runTest {
        val given = mutableListOf<ByteArray>()
        val (_, model) = lock {
            core.opens = {
                given += (it as UnlockKey.Passphrase).passphrase
                throw VaultException.WrongKey()
            }
        }
        model.on(UnlockEvent.ByPassphrase("walnut"))
        runCurrent()
        assertEquals(Sentence.WRONG_KEY, model.state.value.problem?.sentence)
        assertTrue(given.single().all { it == 0.toByte() })
    }
}
