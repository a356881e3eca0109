package app.klink.desktop

import app.klink.core.KeyKind
import app.klink.core.KeyStoreException
import app.klink.core.Presence
import app.klink.core.Purpose
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermission
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.X509EncodedKeySpec
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import org.junit.jupiter.api.io.TempDir

class FileKeysTest {
    @TempDir
    lateinit var folder: Path

    private var present = true
    private var asked = 0
    private val keys by lazy {
        FileKeys(folder.resolve("keys").toFile()) {
            asked++
            present
        }
    }

    @Test
    fun `both kinds sign what their public key verifies`() {
        for ((kind, name, signature) in listOf(
            Triple(KeyKind.P256, "EC", "SHA256withECDSA"),
            Triple(KeyKind.RSA2048, "RSA", "SHA256withRSA"),
        )) {
            val made = keys.make("alias", kind, Presence.NONE, null)
            val public = KeyFactory.getInstance(name).generatePublic(X509EncodedKeySpec(made.spki))
            val signed = keys.sign("alias", "message".toByteArray(), Purpose.PUSH)
            fun holds(message: String) = Signature.getInstance(signature).run {
                initVerify(public)
                update(message.toByteArray())
                verify(signed)
            }
            assertTrue(holds("message"))
            assertTrue(!holds("massage"))
        }
        assertEquals(0, asked)
    }

    @Test
    fun `what asks for a person is not given without one`() {
        keys.put("slot", byteArrayOf(1, 2), Presence.BIOMETRICS)
        assertContentEquals(byteArrayOf(1, 2), keys.get("slot", Purpose.UNLOCK))
        present = false
        assertFailsWith<KeyStoreException.Cancelled> { keys.get("slot", Purpose.UNLOCK) }
        assertEquals(2, asked)
        keys.delete("slot")
        assertFailsWith<KeyStoreException.Missing> { keys.get("slot", Purpose.UNLOCK) }
    }

    @Test
    fun `a file that is no key is a fault, and only the owner reads the folder`() {
        keys.put("slot", byteArrayOf(1), Presence.NONE)
        val file = folder.resolve("keys").toFile().listFiles().orEmpty().single()
        file.writeBytes(byteArrayOf())
        assertFailsWith<KeyStoreException.HardwareFault> { keys.get("slot", Purpose.UNLOCK) }
        file.writeBytes(byteArrayOf(0, 7))
        assertFailsWith<KeyStoreException.HardwareFault> { keys.sign("slot", byteArrayOf(), Purpose.PUSH) }
        val rights = Files.getPosixFilePermissions(File(folder.toFile(), "keys").toPath())
        assertTrue(rights.none { it.name.startsWith("GROUP") || it.name.startsWith("OTHERS") }, "$rights")
        assertTrue(PosixFilePermission.OWNER_READ in rights)
    }
}
