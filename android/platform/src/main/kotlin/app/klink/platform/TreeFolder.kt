package app.klink.platform

import android.content.Context
import android.database.Cursor
import android.net.Uri
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document
import android.system.ErrnoException
import android.system.OsConstants
import app.klink.core.BackupFolder
import app.klink.core.FolderException
import app.klink.core.StoredFile
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.io.IOException

/** The documents of a folder that a person picked: on this device, a card, or whatever an app offers as one. */
class TreeFolder(context: Context, private val tree: Uri) : BackupFolder {
    private val resolver = context.contentResolver

    private class Child(val uri: Uri, val file: StoredFile)

    override fun list(): List<StoredFile> = told { children().map { it.file } }

    override fun read(name: String): ByteArray = told {
        resolver.openInputStream(child(name))?.use { it.readBytes() } ?: throw FolderException.Unavailable()
    }

    override fun write(name: String, bytes: ByteArray) = told {
        if (children().any { it.file.name == name }) throw FolderException.AlreadyExists()
        val made = DocumentsContract.createDocument(resolver, root(), TYPE, name) ?: throw FolderException.Failed()
        val file = resolver.openFileDescriptor(made, "w") ?: throw FolderException.Failed()
        file.use { descriptor ->
            FileOutputStream(descriptor.fileDescriptor).run {
                write(bytes)
                fd.sync()
            }
        }
    }

    override fun rename(from: String, to: String) = told {
        if (children().any { it.file.name == to }) throw FolderException.AlreadyExists()
        DocumentsContract.renameDocument(resolver, child(from), to) ?: throw FolderException.Unsupported()
        Unit
    }

    override fun delete(name: String) = told {
        if (!DocumentsContract.deleteDocument(resolver, child(name))) throw FolderException.Failed()
    }

    private fun root(): Uri = DocumentsContract.buildDocumentUriUsingTree(tree, DocumentsContract.getTreeDocumentId(tree))

    private fun child(name: String): Uri =
        children().find { it.file.name == name }?.uri ?: throw FolderException.NotFound()

    private fun children(): List<Child> {
        val all = DocumentsContract.buildChildDocumentsUriUsingTree(tree, DocumentsContract.getTreeDocumentId(tree))
        val rows = resolver.query(all, COLUMNS, null, null, null) ?: throw FolderException.Unavailable()
        return rows.use { generateSequence { if (it.moveToNext()) it else null }.mapNotNull(::child).toList() }
    }

    private fun child(row: Cursor): Child? {
        if (row.getString(3) == Document.MIME_TYPE_DIR) return null
        return Child(DocumentsContract.buildDocumentUriUsingTree(tree, row.getString(0)), StoredFile(row.getString(1), row.getLong(2)))
    }

    private fun <T> told(work: () -> T): T = try {
        work()
    } catch (_: SecurityException) {
        // The permission was taken back.
        throw FolderException.Unavailable()
    } catch (_: UnsupportedOperationException) {
        throw FolderException.Unsupported()
    } catch (_: FileNotFoundException) {
        throw FolderException.NotFound()
    } catch (failed: IOException) {
        val full = (failed.cause as? ErrnoException)?.errno == OsConstants.ENOSPC
        throw if (full) FolderException.Full() else FolderException.Failed()
    }

    private companion object {
        const val TYPE = "application/octet-stream"
        val COLUMNS = arrayOf(Document.COLUMN_DOCUMENT_ID, Document.COLUMN_DISPLAY_NAME, Document.COLUMN_SIZE, Document.COLUMN_MIME_TYPE)
    }
}
