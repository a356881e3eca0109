package app.klink.core

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Two threads call everything while a third locks and unlocks: nothing hangs, and nothing but `Locked` is refused. */
class HammerTest {
    private val made = ConcurrentHashMap<String, AtomicLong>()
    private val answered = ConcurrentHashMap<String, AtomicLong>()
    private val locked = AtomicLong()
    private val odd = ConcurrentHashMap<String, Long>()

    @Test
    fun hammer() = SoftPhone().use { phone ->
        val world = runBlocking { HammerWorld.make(phone) }
        val own = world.own
        case("every exported call is hammered")
        val (calls, last) = hammered(world) to hammeredLast(world)
        assertEquals(exported().sorted(), (calls + last).map { it.name }.sorted())
        case("two threads hammer every call while a third locks: no deadlock in $SECONDS s, only Locked")
        round(world, calls, SECONDS - LAST)
        round(world, last, LAST)
        println("${answered.values.sumOf { it.get() }} calls answered, ${locked.get()} refused as locked")
        assertEquals(emptyMap<String, Long>(), odd.toMap())
        case("every call was made, most of them were answered, and many were refused: the control")
        assertEquals(emptyList<String>(), (calls + last).map { it.name }.filter { it !in made.keys })
        println("never answered in between: ${(calls + last).map { it.name }.filter { it !in answered.keys }}")
        assertTrue(answered.size * 4 > made.size * 3, "${answered.size} of ${made.size} calls were answered")
        assertTrue(locked.get() > 10, "${locked.get()} locked")
        own.lock()
        runBlocking { withTimeout(20.seconds) { while (liveTasks() != 0L) delay(10) } }
        assertEquals(0L, liveTasks())
    }

    private fun round(world: HammerWorld, calls: List<HammerCall>, seconds: Int) {
        val over = AtomicBoolean(false)
        val hammers = (0..1).map { n ->
            thread {
                // They meet at other calls each time round.
                var at = n * calls.size / 2
                while (!over.get()) {
                    make(calls[at++ % calls.size])
                    if (at % calls.size == 0) at += n
                }
            }
        }
        val locker = thread {
            var turn = 0
            while (!over.get()) {
                world.own.lock()
                runBlocking { runCatching { world.own.unlock(world.key, now(), boot()) } }
                // Short and long times unlocked: slow calls have to be answered too.
                Thread.sleep(if (++turn % 20 == 0) 1500L else (turn % 20) * 5L)
            }
        }
        Thread.sleep(seconds * 1000L)
        over.set(true)
        (hammers + locker).forEach { it.join(20_000) }
        val hanging = (hammers + locker).filter { it.isAlive }.map { it.stackTrace.take(12).joinToString("\n  ") }
        assertFalse(hanging.isNotEmpty(), "a call hangs:\n$hanging")
    }

    private fun make(call: HammerCall) {
        made.computeIfAbsent(call.name) { AtomicLong() }.incrementAndGet()
        try {
            runBlocking { call.call() }
            answered.computeIfAbsent(call.name) { AtomicLong() }.incrementAndGet()
        } catch (refused: Exception) {
            when {
                refused.isLocked() -> locked.incrementAndGet()
                call.mayRefuse(refused) -> answered.computeIfAbsent(call.name) { AtomicLong() }.incrementAndGet()
                else -> odd.merge("${call.name}: ${refused.told()}", 1, Long::plus)
            }
        }
    }

    /** Reads the names of everything that the API file lists as callable. */
    private fun exported(): List<String> {
        val names = mutableListOf<String>()
        var type: String? = null
        val function = Regex("""^( *)(?:suspend )?fun `(\w+)`\(.*""")
        for (line in java.io.File("../api/kotlin.api").readLines()) {
            if (!line.startsWith(" ")) type = OBJECTS.firstOrNull { line == "public interface ${it}Interface" }
            val (indent, name) = function.find(line)?.destructured ?: continue
            when {
                indent.isEmpty() -> names += name
                type != null -> names += "$type.$name"
            }
        }
        assertTrue(names.size > 100, "${names.size} calls were found in the API file")
        return names
    }

    private companion object {
        const val SECONDS = 30
        const val LAST = 6
        val OBJECTS = listOf("Authenticator", "ChallengeFeed", "ChangeFeed", "ImportPreview", "ScanSession")
    }
}

/** One call, and what it may answer besides `Locked` whatever the vault is doing. */
internal class HammerCall(val name: String, val mayRefuse: (Exception) -> Boolean, val call: suspend () -> Unit)

/** Says which error it is with all its causes: exceptions of the edge have no text. */
internal fun Exception.told(): String {
    val causes = javaClass.methods.filter { it.name in setOf("getWhy", "getState", "getKind", "getReason") }
    return javaClass.name.substringAfterLast('.') + causes.map { it.invoke(this) }
}

private fun Exception.isLocked() = this is VaultException.Locked || this is PushException.Locked ||
    this is TransferException.Vault && why is VaultException.Locked ||
    this is PushException.Vault && why is VaultException.Locked
