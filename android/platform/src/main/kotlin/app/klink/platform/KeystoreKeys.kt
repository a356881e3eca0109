package app.klink.platform

import android.hardware.biometrics.BiometricPrompt.CryptoObject
import app.klink.core.Attestation
import app.klink.core.DeviceKeys
import app.klink.core.KeyKind
import app.klink.core.KeyStoreException
import app.klink.core.MadeKey
import app.klink.core.Presence
import app.klink.core.Purpose
import app.klink.presentation.name
import app.klink.presentation.replace
import java.io.File
import java.security.Key
import java.security.PrivateKey
import java.security.Signature
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec

/**
 * The keys of this device for the core. Each call comes on a thread of its own and may wait for a person; no error of
 * the system leaves here but as one of the core's six.
 *
 * [slots] is a folder that no backup takes along.
 */
class KeystoreKeys(private val holder: KeyHolder, private val prompt: Prompt, private val slots: File) : DeviceKeys {
    override fun kinds() = listOf(KeyKind.P256, KeyKind.RSA2048)

    override fun make(alias: String, kind: KeyKind, presence: Presence, challenge: ByteArray?): MadeKey = told {
        holder.makePair(alias, kind, presence, challenge)
        val key = held(alias)
        val attestation = if (challenge == null) null else holder.certificates(alias).let { chain ->
            Attestation("android-key", chain.fold(ByteArray(0), ByteArray::plus))
        }
        MadeKey(holder.spki(alias), holder.facts(key).hardware, attestation)
    }

    override fun sign(alias: String, message: ByteArray, purpose: Purpose): ByteArray = told {
        val key = held(alias) as PrivateKey
        val signature = Signature.getInstance(if (key.algorithm == "RSA") "SHA256withRSA" else "SHA256withECDSA")
        signature.initSign(key)
        shown(alias, key, CryptoObject(signature), purpose)
        signature.update(message)
        signature.sign()
    }

    override fun put(slot: String, secret: ByteArray, presence: Presence) = told {
        // The other of two keys: until the new one is on the disk, the old one still opens what it sealed.
        val before = kept(slot)?.firstOrNull()
        val generation: Byte = if (before == FIRST) SECOND else FIRST
        val alias = sealer(slot, generation)
        holder.makeSealer(alias, presence)
        val key = held(alias)
        val cipher = Cipher.getInstance(AES).apply { init(Cipher.ENCRYPT_MODE, key) }
        shown(slot, key, CryptoObject(cipher), Purpose.DEVICE)
        val sealed = cipher.doFinal(secret)
        replace(file(slot), byteArrayOf(generation) + cipher.iv + sealed)
        if (before != null) forget(sealer(slot, before))
    }

    override fun get(slot: String, purpose: Purpose): ByteArray = told {
        val bytes = kept(slot) ?: throw KeyStoreException.Missing()
        if (bytes.size <= HEAD_BYTES) throw KeyStoreException.HardwareFault()
        val key = held(sealer(slot, bytes[0]))
        val cipher = Cipher.getInstance(AES)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, bytes, 1, HEAD_BYTES - 1))
        shown(slot, key, CryptoObject(cipher), purpose)
        cipher.doFinal(bytes, HEAD_BYTES, bytes.size - HEAD_BYTES)
    }

    override fun delete(alias: String) = told {
        for (name in listOf(alias, sealer(alias, FIRST), sealer(alias, SECOND))) forget(name)
        file(alias).delete()
        Unit
    }

    override fun cancel(alias: String) = prompt.cancel(alias)

    private fun held(alias: String): Key = holder.key(alias) ?: throw KeyStoreException.Missing()

    private fun shown(alias: String, key: Key, what: CryptoObject, purpose: Purpose) {
        val presence = holder.facts(key).presence
        if (presence != Presence.NONE) prompt.ask(alias, what, presence, purpose)
    }

    private fun forget(alias: String) {
        if (holder.key(alias) != null) holder.delete(alias)
    }

    private fun file(slot: String) = File(slots, name(slot))

    private fun sealer(slot: String, generation: Byte) = "slot.${name(slot)}.$generation"

    /** What the disk has of [slot]: which key sealed it, initialisation vector, ciphertext and tag. */
    private fun kept(slot: String): ByteArray? = file(slot).takeIf(File::exists)?.readBytes()

    private companion object {
        const val FIRST: Byte = 1
        const val SECOND: Byte = 2
        const val AES = "AES/GCM/NoPadding"

        /** The key's number and the initialisation vector. */
        const val HEAD_BYTES = 13
        const val TAG_BITS = 128
    }
}
