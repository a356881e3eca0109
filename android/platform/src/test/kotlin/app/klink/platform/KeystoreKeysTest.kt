package app.klink.platform

import android.hardware.biometrics.BiometricPrompt
import android.hardware.biometrics.BiometricPrompt.CryptoObject
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import app.klink.core.KeyKind
import app.klink.core.KeyStoreException
import app.klink.core.Presence
import app.klink.core.Purpose
import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.security.InvalidAlgorithmParameterException
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.ProviderException
import java.security.Signature
import java.security.UnrecoverableKeyException
import java.security.spec.ECGenParameterSpec
import javax.crypto.AEADBadTagException
import javax.crypto.KeyGenerator
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.reflect.KClass
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** Keys in memory, as Android's Keystore would hold them; [broken] is thrown instead of the next key. */
private class FakeHolder : KeyHolder {
    private val pairs = HashMap<String, KeyPair>()
    val sealers = HashMap<String, Key>()
    private val presences = HashMap<String, Presence>()
    var broken: Exception? = null

    override fun makePair(alias: String, kind: KeyKind, presence: Presence, challenge: ByteArray?) {
        pairs[alias] = when (kind) {
            KeyKind.P256 -> KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }
            KeyKind.RSA2048 -> KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }
        }.generateKeyPair()
        presences[alias] = presence
    }

    override fun makeSealer(alias: String, presence: Presence) {
        sealers[alias] = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()
        presences[alias] = presence
    }

    override fun key(alias: String): Key? {
        broken?.let { throw it }
        return pairs[alias]?.private ?: sealers[alias]
    }

    override fun certificates(alias: String) = listOf(byteArrayOf(1), byteArrayOf(2))

    override fun spki(alias: String): ByteArray = pairs.getValue(alias).public.encoded

    override fun facts(key: Key): KeyFacts {
        val alias = pairs.entries.find { it.value.private == key }?.key ?: sealers.entries.single { it.value == key }.key
        return KeyFacts(presences.getValue(alias), hardware = true)
    }

    override fun delete(alias: String) {
        pairs.remove(alias)
        sealers.remove(alias)
    }

    fun public(alias: String) = pairs.getValue(alias).public
}

/** A person who is there, or ends the prompt with [code]. */
private class FakePrompt : Prompt {
    val asked = mutableListOf<Pair<Presence, Purpose>>()
    var code: Int? = null

    override fun ask(alias: String, what: CryptoObject, presence: Presence, purpose: Purpose) {
        asked += presence to purpose
        code?.let { throw PromptEnded(it) }
    }

    override fun cancel(alias: String) = Unit
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class KeystoreKeysTest {
    private val folder: File = Files.createTempDirectory("slots").toFile()
    private val holder = FakeHolder()
    private val prompt = FakePrompt()
    private val keys = KeystoreKeys(holder, prompt, folder)

    @After
    fun sweep() {
        folder.deleteRecursively()
    }

    @Test
    fun `a device key signs without a person, an approval key asks at each use`() {
        for ((kind, algorithm) in listOf(KeyKind.P256 to "SHA256withECDSA", KeyKind.RSA2048 to "SHA256withRSA")) {
            prompt.asked.clear()
            keys.make("device", kind, Presence.NONE, null)
            keys.make("approval", kind, Presence.EACH_USE, null)
            verify("device", algorithm, keys.sign("device", MESSAGE, Purpose.PUSH))
            assertEquals(emptyList(), prompt.asked)
            repeat(2) { verify("approval", algorithm, keys.sign("approval", MESSAGE, Purpose.APPROVE)) }
            assertEquals(List(2) { Presence.EACH_USE to Purpose.APPROVE }, prompt.asked)
        }
    }

    @Test
    fun `a challenge brings the chain of certificates`() {
        val made = keys.make("device", KeyKind.P256, Presence.NONE, byteArrayOf(9))
        assertTrue(made.hardware)
        assertContentEquals(byteArrayOf(1, 2), made.attestation!!.statement)
        assertContentEquals(holder.public("device").encoded, made.spki)
    }

    @Test
    fun `a slot comes back, is sealed on the disk, and is gone after a delete`() {
        keys.put("vault", SECRET, Presence.BIOMETRICS)
        assertContentEquals(SECRET, keys.get("vault", Purpose.UNLOCK))
        assertEquals(listOf(Presence.BIOMETRICS to Purpose.DEVICE, Presence.BIOMETRICS to Purpose.UNLOCK), prompt.asked)
        val kept = folder.listFiles()!!.single().readBytes()
        assertFalse(String(kept, Charsets.ISO_8859_1).contains(String(SECRET, Charsets.ISO_8859_1)))
        keys.delete("vault")
        assertFailsWith<KeyStoreException.Missing> { keys.get("vault", Purpose.UNLOCK) }
        assertEquals(0, folder.listFiles()!!.size)
    }

    @Test
    fun `a slot that was changed on the disk is a fault, never another secret`() {
        keys.put("vault", SECRET, Presence.NONE)
        val file = folder.listFiles()!!.single()
        file.writeBytes(file.readBytes().also { it[it.lastIndex] = (it[it.lastIndex].toInt() xor 1).toByte() })
        assertFailsWith<KeyStoreException.HardwareFault> { keys.get("vault", Purpose.UNLOCK) }
    }

    @Test
    fun `every way in which a prompt ends has its error`() {
        keys.make("approval", KeyKind.P256, Presence.EACH_USE, null)
        val ends = mapOf(
            BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED to KeyStoreException.Cancelled::class,
            BiometricPrompt.BIOMETRIC_ERROR_CANCELED to KeyStoreException.Cancelled::class,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT to KeyStoreException.LockedOut::class,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT to KeyStoreException.LockedOut::class,
            BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS to KeyStoreException.Invalidated::class,
            BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT to KeyStoreException.HardwareFault::class,
            BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE to KeyStoreException.Unavailable::class,
            BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT to KeyStoreException.Unavailable::class,
        )
        for ((code, error) in ends) {
            prompt.code = code
            expect(error) { keys.sign("approval", MESSAGE, Purpose.APPROVE) }
        }
    }

    @Test
    fun `every way in which a key fails has its error`() {
        keys.make("device", KeyKind.P256, Presence.NONE, null)
        val failures = listOf(
            KeyPermanentlyInvalidatedException() to KeyStoreException.Invalidated::class,
            InvalidKeyException() to KeyStoreException.Invalidated::class,
            UnrecoverableKeyException() to KeyStoreException.Invalidated::class,
            UserNotAuthenticatedException() to KeyStoreException.Unavailable::class,
            InvalidAlgorithmParameterException() to KeyStoreException.Unavailable::class,
            IOException() to KeyStoreException.Unavailable::class,
            InterruptedException() to KeyStoreException.Unavailable::class,
            ProviderException() to KeyStoreException.HardwareFault::class,
            StrongBoxUnavailableException() to KeyStoreException.HardwareFault::class,
            AEADBadTagException() to KeyStoreException.HardwareFault::class,
            IllegalStateException("a secret") to KeyStoreException.HardwareFault::class,
            said(LOCKED) to KeyStoreException.Unavailable::class,
            said(UNINITIALIZED) to KeyStoreException.Unavailable::class,
            said(KEY_NOT_FOUND) to KeyStoreException.Missing::class,
            said(SYSTEM_ERROR) to KeyStoreException.HardwareFault::class,
        )
        for ((failure, error) in failures) {
            holder.broken = failure
            expect(error) { keys.sign("device", MESSAGE, Purpose.PUSH) }
            expect(error) { keys.delete("device") }
        }
        holder.broken = null
        expect(KeyStoreException.Missing::class) { keys.sign("nobody", MESSAGE, Purpose.PUSH) }
        verify("device", "SHA256withECDSA", keys.sign("device", MESSAGE, Purpose.PUSH))
        assertEquals(SIX - failures.map { it.second }.toSet(), setOf(KeyStoreException.Cancelled::class, KeyStoreException.LockedOut::class))
    }

    @Test
    fun `a slot that is renewed opens by its old key until the new one is on the disk`() {
        keys.put("vault", SECRET, Presence.BIOMETRICS)
        prompt.code = BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED
        assertFailsWith<KeyStoreException.Cancelled> { keys.put("vault", ByteArray(32), Presence.BIOMETRICS) }
        prompt.code = null
        assertContentEquals(SECRET, keys.get("vault", Purpose.UNLOCK))
        repeat(3) { round ->
            keys.put("vault", ByteArray(32) { round.toByte() }, Presence.BIOMETRICS)
            assertContentEquals(ByteArray(32) { round.toByte() }, keys.get("vault", Purpose.UNLOCK))
            assertEquals(1, holder.sealers.size)
        }
    }

    @Test
    fun `a slot whose file is gone, cut or without a key is said to be so`() {
        keys.put("vault", SECRET, Presence.NONE)
        val file = folder.listFiles()!!.single()
        val whole = file.readBytes()
        file.writeBytes(whole.copyOf(9))
        assertFailsWith<KeyStoreException.HardwareFault> { keys.get("vault", Purpose.UNLOCK) }
        file.writeBytes(whole)
        holder.sealers.clear()
        assertFailsWith<KeyStoreException.Missing> { keys.get("vault", Purpose.UNLOCK) }
        file.delete()
        assertFailsWith<KeyStoreException.Missing> { keys.get("vault", Purpose.UNLOCK) }
    }

    /** What stands behind an exception of `java.security` on Android 13 and later. */
    private fun said(code: Int) = ProviderException(android.security.KeyStoreException(code, "said by a fake"))

    private fun expect(error: KClass<out KeyStoreException>, work: () -> Unit) {
        assertEquals(error, assertFailsWith<KeyStoreException> { work() }::class)
    }

    private fun verify(alias: String, algorithm: String, signature: ByteArray) = assertTrue(
        Signature.getInstance(algorithm).run {
            initVerify(holder.public(alias))
            update(MESSAGE)
            verify(signature)
        },
    )

    private companion object {
        val MESSAGE = "a request".toByteArray()
        val SECRET = ByteArray(32) { it.toByte() }
        val SIX: Set<KClass<out KeyStoreException>> = setOf(
            KeyStoreException.Unavailable::class, KeyStoreException.Cancelled::class, KeyStoreException.LockedOut::class,
            KeyStoreException.Invalidated::class, KeyStoreException.Missing::class, KeyStoreException.HardwareFault::class,
        )

        // Answers of the Keystore's own service.
        const val LOCKED = 2
        const val UNINITIALIZED = 3
        const val SYSTEM_ERROR = 4
        const val KEY_NOT_FOUND = 7
    }
}
