package app.klink.core

import java.nio.ByteBuffer
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable

/** How long a call takes through JNA. Prints, and fails on no time: `cargo xtask bench-edge`. */
class BenchTest {
    @Test
    @EnabledIfEnvironmentVariable(named = "KLINK_BENCH", matches = "1")
    fun bench() = SoftPhone().use { phone ->
        val own = phone.start()
        val code = makeRecoveryCode()
        val session = ScanSession()
        repeat(1000) { n -> session.takeText("otpauth://totp/Example%20$n:ann?secret=${secret(n)}") }
        val ids = runBlocking {
            own.create(NewVault(recoveryCode = TypedBack(code, code)), now())
            (0 until 1000).map { own.addScanned(session, it, null, now()).id }
        }
        val frame = Stage("kotlin-bench").brings("frame")
        val plane = ByteBuffer.allocateDirect(frame.size).put(frame).flip() as ByteBuffer
        measure("empty call", 100_000) { liveTasks() }
        measure("list of 1,000 accounts", 200) { own.accounts() }
        measure("codes of 1,000 accounts, kept", 200) { own.codes(1_800_000_000_000, 0, ids) }
        var at = 1_800_000_000_000
        measure("codes of 1,000 accounts, made anew", 20) { at += 30_000; own.codes(at, 0, ids) }
        measure("one frame of 640 x 480 with a code", 100) { session.takeFrame(plane, 640, 480, 704) }
        val file = listOf(ImportSource("aegis.json", Stage("kotlin-file").brings("file/aegis,%20sealed")))
        val secrets = ImportSecrets("test".toByteArray())
        measure("a sealed Aegis file, previewed", 4) { runBlocking { own.previewImport(file, secrets, false).close() } }
    }

    private fun measure(what: String, rounds: Int, call: () -> Unit) {
        repeat(rounds / 4) { call() }
        val began = System.nanoTime()
        repeat(rounds) { call() }
        println("bench kotlin: %-36s %10.2f µs".format(what, (System.nanoTime() - began) / 1000.0 / rounds))
    }

    private fun secret(n: Int): String {
        val letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        return "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ" + letters[n / 1024] + letters[n / 32 % 32] + letters[n % 32]
    }
}
