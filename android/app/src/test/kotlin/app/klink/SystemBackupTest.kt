package app.klink

import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.xmlpull.v1.XmlPullParser
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What the system's backup may take along. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], application = TestApp::class)
class SystemBackupTest {
    private val folder = File(app.filesDir, "system-backup")
    private val names get() = folder.list().orEmpty().sorted()

    @Test
    fun `the folder is empty until it is wanted, then holds the two newest copies, and is empty again`() = runBlocking {
        app.seed()
        val core = app.parts.core
        val backup = SystemBackup(folder)
        for (name in listOf("A", "B", "C")) {
            app.add("otpauth://totp/Forge:$name?secret=JBSWY3DPEHPK3PX$name&issuer=Forge")
            core.snapshot(System.currentTimeMillis())
        }
        backup.renew(core, wanted = false)
        assertEquals(emptyList(), names)
        backup.renew(core, wanted = true)
        val newest = core.snapshots().sortedBy { it.number }.takeLast(2).map { File(it.path) }
        assertTrue(core.snapshots().size > 2)
        assertEquals(newest.map { it.name }.sorted(), names)
        for (copy in newest) assertTrue(copy.readBytes().contentEquals(File(folder, copy.name).readBytes()))
        core.lock()
        backup.renew(core, wanted = true)
        assertEquals(2, names.size)
        backup.renew(core, wanted = false)
        assertEquals(emptyList(), names)
    }

    @Test
    fun `the rules name this folder and no other, and the vault lies where no backup goes`() {
        app.seed()
        val own = listOf("include" to "file:system-backup/")
        assertEquals(own, named(R.xml.backup))
        assertEquals(own + own, named(R.xml.extraction))
        assertTrue(File(app.noBackupFilesDir, "vault/vault.db").exists())
        assertEquals(emptyList(), app.filesDir.walk().filter { it.isFile && it.name.startsWith("vault") && "no_backup" !in it.path }.toList())
    }

    private fun named(rules: Int): List<Pair<String, String>> = buildList {
        app.resources.getXml(rules).use { xml ->
            while (xml.next() != XmlPullParser.END_DOCUMENT) {
                if (xml.eventType != XmlPullParser.START_TAG || xml.name !in setOf("include", "exclude")) continue
                add(xml.name to "${xml.getAttributeValue(null, "domain")}:${xml.getAttributeValue(null, "path")}")
            }
        }
    }
}
