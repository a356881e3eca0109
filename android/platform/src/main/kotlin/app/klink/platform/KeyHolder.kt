package app.klink.platform

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import app.klink.core.KeyKind
import app.klink.core.Presence
import java.security.Key
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactory

/**
 * Where keys live that never leave the device: Android's Keystore, or a fake of it. What goes wrong comes out as the
 * exceptions of `java.security`, which [KeystoreKeys] understands.
 */
interface KeyHolder {
    /** Makes a key pair that signs; what [alias] held before is gone. */
    fun makePair(alias: String, kind: KeyKind, presence: Presence, challenge: ByteArray?)

    /** Makes an AES-256 key that seals one slot. */
    fun makeSealer(alias: String, presence: Presence)

    /** The key called [alias], or `null` when there is none. */
    fun key(alias: String): Key?

    /** The certificates of a pair, its own first, each as DER. */
    fun certificates(alias: String): List<ByteArray>

    /** The public key of a pair as SubjectPublicKeyInfo. */
    fun spki(alias: String): ByteArray

    /** What must be shown at each use of [key], and whether hardware holds it. */
    fun facts(key: Key): KeyFacts

    fun delete(alias: String)
}

/** What is known of a key. */
data class KeyFacts(val presence: Presence, val hardware: Boolean)

/** Android's own. StrongBox is taken for P-256 when it makes a key within [patienceMs], else the processor's TEE. */
class AndroidKeyHolder(private val patienceMs: Long = 500) : KeyHolder {
    private val store = KeyStore.getInstance(PROVIDER).apply { load(null) }

    /** Found out once, with a key that is thrown away: a slow answer must not come later and replace a real key. */
    private val strongBox: Boolean by lazy { answersInTime() }

    override fun makePair(alias: String, kind: KeyKind, presence: Presence, challenge: ByteArray?) = try {
        pair(alias, kind, presence, challenge, kind == KeyKind.P256 && strongBox)
    } catch (_: StrongBoxUnavailableException) {
        // It answered before, and is full now.
        pair(alias, kind, presence, challenge, strongBox = false)
    }

    override fun makeSealer(alias: String, presence: Presence) {
        val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setKeySize(256)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .ask(presence)
            .build()
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).apply { init(spec) }.generateKey()
    }

    override fun key(alias: String): Key? = store.getKey(alias, null)

    override fun certificates(alias: String) = store.getCertificateChain(alias).orEmpty().map { it.encoded }

    override fun spki(alias: String): ByteArray = store.getCertificate(alias).publicKey.encoded

    override fun facts(key: Key): KeyFacts {
        val info = when (key) {
            is PrivateKey -> KeyFactory.getInstance(key.algorithm, PROVIDER).getKeySpec(key, KeyInfo::class.java)
            else -> SecretKeyFactory.getInstance(key.algorithm, PROVIDER).getKeySpec(key as SecretKey, KeyInfo::class.java) as KeyInfo
        }
        val presence = when {
            !info.isUserAuthenticationRequired -> Presence.NONE
            info.isInvalidatedByBiometricEnrollment -> Presence.BIOMETRICS
            else -> Presence.EACH_USE
        }
        return KeyFacts(presence, info.inHardware())
    }

    override fun delete(alias: String) = store.deleteEntry(alias)

    private fun answersInTime(): Boolean {
        val worker = Executors.newSingleThreadExecutor()
        val made = worker.submit { pair(PROBE, KeyKind.P256, Presence.NONE, null, strongBox = true) }
        worker.execute { runCatching { store.deleteEntry(PROBE) } }
        worker.shutdown()
        return try {
            made.get(patienceMs, TimeUnit.MILLISECONDS)
            true
        } catch (_: TimeoutException) {
            false
        } catch (_: ExecutionException) {
            false
        }
    }

    private fun pair(alias: String, kind: KeyKind, presence: Presence, challenge: ByteArray?, strongBox: Boolean) {
        val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setDigests(KeyProperties.DIGEST_SHA256)
            .setIsStrongBoxBacked(strongBox)
            .ask(presence)
        when (kind) {
            KeyKind.P256 -> spec.setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            KeyKind.RSA2048 -> spec.setKeySize(2048).setSignaturePaddings(KeyProperties.SIGNATURE_PADDING_RSA_PKCS1)
        }
        if (challenge != null) spec.setAttestationChallenge(challenge)
        val algorithm = if (kind == KeyKind.P256) KeyProperties.KEY_ALGORITHM_EC else KeyProperties.KEY_ALGORITHM_RSA
        KeyPairGenerator.getInstance(algorithm, PROVIDER).apply { initialize(spec.build()) }.generateKeyPair()
    }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val PROBE = "probe"
    }
}

/** An approval asks for a finger or the device's PIN at each use; a slot for biometrics as they are enrolled now. */
private fun KeyGenParameterSpec.Builder.ask(presence: Presence) = apply {
    when (presence) {
        Presence.NONE -> Unit
        Presence.EACH_USE -> setUserAuthenticationRequired(true)
            .setUserAuthenticationParameters(0, KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL)
            .setInvalidatedByBiometricEnrollment(false)
        Presence.BIOMETRICS -> setUserAuthenticationRequired(true)
            .setUserAuthenticationParameters(0, KeyProperties.AUTH_BIOMETRIC_STRONG)
            .setInvalidatedByBiometricEnrollment(true)
    }
}

private fun KeyInfo.inHardware(): Boolean = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
    securityLevel == KeyProperties.SECURITY_LEVEL_STRONGBOX || securityLevel == KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
} else {
    @Suppress("DEPRECATION") // The only way below Android 12.
    isInsideSecureHardware
}
