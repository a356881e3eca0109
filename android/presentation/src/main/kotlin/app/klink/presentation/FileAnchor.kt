package app.klink.presentation

import app.klink.core.Anchor
import app.klink.core.AnchorRecord
import app.klink.core.StoredAnchor
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.security.MessageDigest

/**
 * How new each vault must be, in [folder], which no backup takes along. A record is replaced as a whole and carries a
 * SHA-256 of itself, so that one that broke is told from one that was never there; a lower `seq` replaces no higher one.
 */
class FileAnchor(private val folder: File) : Anchor {
    @Synchronized
    override fun load(vaultId: String): StoredAnchor {
        val file = File(folder, name(vaultId))
        if (!file.exists()) return StoredAnchor.Absent
        return read(file)?.let { StoredAnchor.Present(it) } ?: StoredAnchor.Torn
    }

    @Synchronized
    override fun store(vaultId: String, record: AnchorRecord) {
        val file = File(folder, name(vaultId))
        val kept = if (file.exists()) read(file) else null
        if (kept != null && kept.seq > record.seq) return
        val body = ByteArrayOutputStream()
        DataOutputStream(body).run {
            writeLong(record.seq)
            for (part in listOf(record.rootMac, record.prevRoot, record.branch)) {
                writeInt(part.size)
                write(part)
            }
        }
        val bytes = body.toByteArray()
        replace(file, bytes + digest(bytes))
        File(folder, name(vaultId) + IDS).writeText(vaultId)
    }

    @Synchronized
    override fun list(): List<String> = folder.listFiles().orEmpty().filter { it.name.endsWith(IDS) }.map { it.readText() }

    @Synchronized
    override fun archive(vaultId: String) {
        val old = File(folder, "archived").apply { mkdirs() }
        for (ending in listOf("", IDS)) {
            val file = File(folder, name(vaultId) + ending)
            if (file.exists()) Files.move(file.toPath(), File(old, file.name).toPath(), StandardCopyOption.REPLACE_EXISTING)
        }
    }

    private fun read(file: File): AnchorRecord? {
        val bytes = file.readBytes()
        if (bytes.size < DIGEST_BYTES) return null
        val body = bytes.copyOf(bytes.size - DIGEST_BYTES)
        if (!digest(body).contentEquals(bytes.copyOfRange(body.size, bytes.size))) return null
        return try {
            DataInputStream(ByteArrayInputStream(body)).run {
                AnchorRecord(readLong(), readPart(), readPart(), readPart())
            }
        } catch (_: IOException) {
            null
        }
    }

    private fun DataInputStream.readPart() = ByteArray(readInt().coerceIn(0, PART_CAP)).also { readFully(it) }

    private fun digest(bytes: ByteArray): ByteArray = MessageDigest.getInstance("SHA-256").digest(bytes)

    private companion object {
        const val DIGEST_BYTES = 32
        const val PART_CAP = 64
        const val IDS = ".id"
    }
}

