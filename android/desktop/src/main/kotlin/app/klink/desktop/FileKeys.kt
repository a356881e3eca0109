package app.klink.desktop

import app.klink.core.DeviceKeys
import app.klink.core.KeyKind
import app.klink.core.KeyStoreException
import app.klink.core.MadeKey
import app.klink.core.Presence
import app.klink.core.Purpose
import app.klink.presentation.name
import app.klink.presentation.replace
import java.io.File
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.PKCS8EncodedKeySpec

/**
 * Keys in files of [folder], which only its owner may read: a desktop has no hardware for them, and says so to services.
 *
 * A file is one byte that says whether a person is asked, then PKCS #8 or the secret.
 */
class FileKeys(private val folder: File, private val present: (Purpose) -> Boolean) : DeviceKeys {
    init {
        folder.mkdirs()
        Files.setPosixFilePermissions(folder.toPath(), PosixFilePermissions.fromString("rwx------"))
    }

    override fun kinds() = listOf(KeyKind.P256, KeyKind.RSA2048)

    override fun make(alias: String, kind: KeyKind, presence: Presence, challenge: ByteArray?): MadeKey {
        val generator = when (kind) {
            KeyKind.P256 -> KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }
            KeyKind.RSA2048 -> KeyPairGenerator.getInstance("RSA").apply { initialize(RSA_BITS) }
        }
        val pair = generator.generateKeyPair()
        write(alias, presence, pair.private.encoded)
        return MadeKey(spki = pair.public.encoded, hardware = false, attestation = null)
    }

    override fun sign(alias: String, message: ByteArray, purpose: Purpose): ByteArray {
        val key = privateKey(read(alias, purpose))
        return Signature.getInstance(if (key.algorithm == "RSA") "SHA256withRSA" else "SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    override fun put(slot: String, secret: ByteArray, presence: Presence) = write(slot, presence, secret)

    override fun get(slot: String, purpose: Purpose): ByteArray = read(slot, purpose)

    override fun delete(alias: String) {
        file(alias).delete()
    }

    /** A dialog that nobody answers is closed by its person. */
    override fun cancel(alias: String) = Unit

    private fun file(alias: String) = File(folder, name(alias))

    private fun write(alias: String, presence: Presence, body: ByteArray) =
        replace(file(alias), byteArrayOf(presence.ordinal.toByte()) + body)

    private fun read(alias: String, purpose: Purpose): ByteArray {
        val file = file(alias)
        if (!file.exists()) throw KeyStoreException.Missing()
        val bytes = file.readBytes()
        val presence = bytes.firstOrNull()?.let { Presence.entries.getOrNull(it.toInt()) }
            ?: throw KeyStoreException.HardwareFault()
        if (presence != Presence.NONE && !present(purpose)) throw KeyStoreException.Cancelled()
        return bytes.copyOfRange(1, bytes.size)
    }

    private fun privateKey(encoded: ByteArray): PrivateKey {
        val spec = PKCS8EncodedKeySpec(encoded)
        for (algorithm in listOf("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec)
            } catch (_: java.security.spec.InvalidKeySpecException) {
                continue
            }
        }
        throw KeyStoreException.HardwareFault()
    }

    private companion object {
        const val RSA_BITS = 2_048
    }
}
