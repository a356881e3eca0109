package app.klink.core

import java.io.File
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Files
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.ConcurrentHashMap

/** Keys in this process's memory; with [refuse] every call that needs a person fails so. */
class SoftKeys : DeviceKeys {
    private val keys = ConcurrentHashMap<String, Pair<KeyPair, Presence>>()
    private val secrets = ConcurrentHashMap<String, Pair<ByteArray, Presence>>()

    @Volatile
    var refuse: Exception? = null

    override fun kinds() = listOf(KeyKind.P256)

    override fun make(alias: String, kind: KeyKind, presence: Presence, challenge: ByteArray?): MadeKey {
        if (kind != KeyKind.P256) throw KeyStoreException.Unavailable()
        val generator = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }
        val pair = generator.generateKeyPair()
        keys[alias] = pair to presence
        return MadeKey(spki = pair.public.encoded, hardware = false, attestation = null)
    }

    override fun sign(alias: String, message: ByteArray, purpose: Purpose): ByteArray {
        val (pair, presence) = keys[alias] ?: throw KeyStoreException.Missing()
        ask(presence)
        return Signature.getInstance("SHA256withECDSA").run {
            initSign(pair.private)
            update(message)
            sign()
        }
    }

    override fun put(slot: String, secret: ByteArray, presence: Presence) {
        secrets[slot] = secret to presence
    }

    override fun get(slot: String, purpose: Purpose): ByteArray {
        val (secret, presence) = secrets[slot] ?: throw KeyStoreException.Missing()
        ask(presence)
        return secret
    }

    override fun delete(alias: String) {
        keys.remove(alias)
        secrets.remove(alias)
    }

    override fun cancel(alias: String) = Unit

    private fun ask(presence: Presence) {
        if (presence != Presence.NONE) refuse?.let { throw it }
    }
}

/** Anchors in this process's memory. */
class MemoryAnchor : Anchor {
    private val records = ConcurrentHashMap<String, AnchorRecord>()

    override fun load(vaultId: String): StoredAnchor =
        records[vaultId]?.let { StoredAnchor.Present(it) } ?: StoredAnchor.Absent

    override fun store(vaultId: String, record: AnchorRecord) {
        records.merge(vaultId, record) { old, new -> if (new.seq > old.seq) new else old }
    }

    override fun list() = records.keys.toList()

    override fun archive(vaultId: String) {
        records.remove(vaultId)
    }
}

/** The reference service, with a user called [who] at its page. */
class Stage(private val who: String) {
    init {
        does("begin")
    }

    fun does(act: String) = String(brings("$who/$act"))

    fun brings(what: String): ByteArray {
        val address = System.getenv("KLINK_STAGE") ?: error("cargo xtask test kotlin starts the stage")
        val connection = URI("$address/$what").toURL().openConnection() as HttpURLConnection
        connection.readTimeout = 20_000
        return connection.inputStream.use { it.readBytes() }
    }
}

/** One phone: its folder, keys and anchors. */
class SoftPhone : AutoCloseable {
    val folder: File = Files.createTempDirectory("klink").toFile()
    val keys = SoftKeys()
    private val anchor = MemoryAnchor()

    /** The app as it starts. */
    fun start() = Authenticator(Setup(folder.resolve("vault").path, LocalHosts.ALLOWED), anchor, keys)

    override fun close() {
        folder.deleteRecursively()
    }
}

fun now() = System.currentTimeMillis()

/** The boot clock: on Linux it is what the kernel says. */
fun boot() = (File("/proc/uptime").readText().substringBefore(' ').toDouble() * 1000).toLong()

fun case(name: String) = println("case $name")
