package app.klink.desktop

import androidx.compose.ui.graphics.toArgb
import app.klink.ui.DARK
import app.klink.ui.LIGHT
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The program itself, started as `cargo xtask desktop` starts it, on a display that nobody looks at. */
class WindowTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `the window opens and shows the first start`() {
        assumeTrue(there("Xvfb", "-help") && there("java", "-version"), "Xvfb is not there")
        Display(folder.resolve("display").toFile()).use { display ->
            assertEquals(1, display.colours().size, "a display without a window has one colour")
            val vault = folder.resolve("phone").toFile()
            val output = folder.resolve("output").toFile()
            val program = opened(display, vault, output)
            try {
                val ours = listOf(LIGHT, DARK).map { setOf(it.ground.toArgb(), it.accent.toArgb()) }
                val late = System.nanoTime() + TimeUnit.MINUTES.toNanos(1)
                while (ours.none { display.colours().keys.containsAll(it) }) {
                    assertTrue(program.isAlive, output.readText())
                    assertTrue(System.nanoTime() < late, "no window of ours: ${output.readText()}")
                    Thread.sleep(POLL_MS)
                }
                assertTrue(display.colours().size > MANY, "text has more colours than that")
                assertFalse(File(vault, "vault/vault.db").exists(), "nothing is made before a way back in is chosen")
            } finally {
                program.destroy()
                program.waitFor()
            }
        }
    }

    private fun opened(display: Display, vault: File, output: File): Process {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val library = "-Djna.library.path=${System.getProperty("jna.library.path")}"
        val command = listOf(java, library, "-classpath", System.getProperty("java.class.path"), "app.klink.desktop.MainKt")
        return ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).apply {
            environment() += mapOf("DISPLAY" to display.name, "KLINK_DESKTOP" to vault.path, "SKIKO_RENDER_API" to "SOFTWARE")
        }.start()
    }

    private companion object {
        const val POLL_MS = 200L
        const val MANY = 20
    }
}

private fun there(vararg words: String): Boolean = try {
    ProcessBuilder(*words).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0
} catch (_: java.io.IOException) {
    false
}

/** A display in memory, whose picture Xvfb keeps in a file of [folder] as `xwd` writes it. */
private class Display(private val folder: File) : AutoCloseable {
    private val server: Process

    /** What `DISPLAY` is for programs that draw here. */
    val name: String

    init {
        folder.mkdirs()
        val words = listOf("Xvfb", "-displayfd", "1", "-screen", "0", "480x900x24", "-nolisten", "tcp", "-fbdir", folder.path)
        server = ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start()
        // Written once the server listens.
        name = ":" + checkNotNull(server.inputStream.bufferedReader().readLine()) { "Xvfb did not start" }.trim()
    }

    /** How many pixels have each colour now. */
    fun colours(): Map<Int, Int> {
        val bytes = ByteBuffer.wrap(File(folder, "Xvfb_screen0").readBytes())
        fun field(n: Int) = bytes.getInt(n * Int.SIZE_BYTES)
        val (header, width, height, line, map) = listOf(0, 4, 5, 12, 19).map(::field)
        val start = header + map * MAP_ENTRY
        check(field(11) == Int.SIZE_BITS) { "${field(11)} bits for each pixel" }
        bytes.order(if (field(7) == 0) ByteOrder.LITTLE_ENDIAN else ByteOrder.BIG_ENDIAN)
        val counted = HashMap<Int, Int>()
        for (y in 0 until height) for (x in 0 until width) {
            counted.merge(bytes.getInt(start + y * line + x * Int.SIZE_BYTES) or OPAQUE, 1, Int::plus)
        }
        return counted
    }

    override fun close() {
        server.destroy()
        server.waitFor()
    }

    private companion object {
        const val MAP_ENTRY = 12
        const val OPAQUE = 0xFF shl 24
    }
}
