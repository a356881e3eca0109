package app.klink.presentation

import app.klink.core.AnchorRecord
import app.klink.core.ListOrder
import app.klink.core.StoredAnchor
import java.io.File
import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import org.junit.jupiter.api.io.TempDir

class FilesTest {
    @TempDir
    lateinit var folder: Path

    private fun record(seq: Long) = AnchorRecord(seq, ByteArray(32) { 1 }, ByteArray(32) { 2 }, ByteArray(16) { 3 })

    @Test
    fun `an anchor comes back as it was, and never lower`() {
        val anchor = FileAnchor(folder.toFile())
        assertIs<StoredAnchor.Absent>(anchor.load("a/b"))
        anchor.store("a/b", record(7))
        anchor.store("a/b", record(6))
        val kept = assertIs<StoredAnchor.Present>(FileAnchor(folder.toFile()).load("a/b")).record
        assertEquals(7, kept.seq)
        assertContentEquals(record(7).branch, kept.branch)
        assertEquals(listOf("a/b"), anchor.list())
        anchor.archive("a/b")
        assertEquals(emptyList(), anchor.list())
        assertIs<StoredAnchor.Absent>(anchor.load("a/b"))
    }

    @Test
    fun `an anchor that broke is torn, at whichever byte`() {
        val anchor = FileAnchor(folder.toFile())
        anchor.store("a", record(7))
        val file = File(folder.toFile(), "a")
        val whole = file.readBytes()
        for (at in whole.indices) {
            file.writeBytes(whole.clone().also { it[at] = (it[at] + 1).toByte() })
            assertIs<StoredAnchor.Torn>(anchor.load("a"), "byte $at")
        }
        file.writeBytes(whole.copyOf(10))
        assertIs<StoredAnchor.Torn>(anchor.load("a"))
        file.writeBytes(whole)
        assertIs<StoredAnchor.Present>(anchor.load("a"))
    }

    @Test
    fun `choices are kept, and nonsense in their file is the first start`() {
        val file = folder.resolve("choices").toFile()
        val wanted = Preferences(1, null, false, true, false, true, ListOrder.NAME, -30_000, true, "content://tree", 30, "relay token")
        FilePreferences(file).change { wanted }
        assertEquals(wanted, FilePreferences(file).now.value)
        file.writeText("idleMs=soon\nsort=BACKWARDS\nshowNext=perhaps")
        assertEquals(Preferences(), FilePreferences(file).now.value)
    }
}
