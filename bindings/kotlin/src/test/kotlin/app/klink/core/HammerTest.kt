package app.klink.core

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Two threads call everything while a third locks and unlocks: nothing hangs, and nothing but `Locked` is refused. */
class HammerTest {
    @Test
    fun hammer() = SoftPhone().use { phone ->
        case("two threads hammer every call while a third locks: no deadlock in $SECONDS s, only Locked")
        val own = phone.start()
        val code = makeRecoveryCode()
        val key = UnlockKey.RecoveryCode(code)
        val session = ScanSession()
        session.takeText("otpauth://totp/ACME:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        val id = runBlocking {
            own.create(NewVault(recoveryCode = TypedBack(code, code)), now())
            own.addScanned(session, 0, null, now()).id
        }
        val over = AtomicBoolean(false)
        val (answered, locked) = AtomicLong() to AtomicLong()
        val odd = ConcurrentHashMap<String, Long>()
        val calls = calls(own, id, key)
        val hammers = (0..1).map { n ->
            thread {
                var at = n
                while (!over.get()) {
                    val (name, call) = calls[at++ % calls.size]
                    try {
                        runBlocking { call() }
                        answered.incrementAndGet()
                    } catch (_: VaultException.Locked) {
                        locked.incrementAndGet()
                    } catch (refused: Exception) {
                        odd.merge("$name: $refused", 1, Long::plus)
                    }
                }
            }
        }
        val locker = thread {
            while (!over.get()) {
                own.lock()
                runBlocking {
                    // The other threads' confirm and verify go on meanwhile.
                    runCatching { own.unlock(key, now(), boot()) }
                }
                Thread.sleep(5)
            }
        }
        Thread.sleep(SECONDS * 1000L)
        over.set(true)
        (hammers + locker).forEach { it.join(10_000) }
        assertFalse((hammers + locker).any { it.isAlive }, "a call hangs")
        println("${answered.get()} calls answered, ${locked.get()} refused as locked")
        assertEquals(emptyMap<String, Long>(), odd.toMap())
        // The control: both happened, and often.
        assertTrue(answered.get() > 100 && locked.get() > 10, "${answered.get()} answered, ${locked.get()} locked")
        own.lock()
        assertEquals(0L, liveTasks())
    }

    private fun calls(own: Authenticator, id: String, key: UnlockKey): List<Pair<String, suspend () -> Unit>> = listOf(
        "accounts" to { own.accounts() },
        "account" to { own.account(id) },
        "codes" to { own.codes(now(), 0, listOf(id)) },
        "search" to { own.search("acme") },
        "groups" to { own.groups() },
        "mode" to { own.mode() },
        "trash" to { own.trash() },
        "change" to { own.change(id, AccountChange(note = "a note"), now()) },
        "used" to { own.used(id, now()) },
        "setOrder" to { own.setOrder(listOf(id)) },
        "waysIn" to { own.waysIn() },
        "duties" to { own.duties(now()) },
        "confirm" to { own.confirm(key, boot()) },
        "verify" to { own.verify() },
        "status" to { own.status() },
        "locksAt" to { own.locksAtBootMs() },
        "report" to { own.report(LockEvent.USED, boot()) },
    )

    private companion object {
        const val SECONDS = 30
    }
}
