package app.klink.platform

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.Bundle
import android.os.ParcelFileDescriptor
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document
import app.klink.core.FolderException
import app.klink.core.StoredFile
import java.io.File
import java.io.FileNotFoundException
import java.nio.file.Files
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

/** An app that offers a folder of documents, as it answers what `DocumentsContract` asks. */
class FakeDocuments : ContentProvider() {
    override fun onCreate() = true

    override fun query(uri: Uri, columns: Array<String>?, selection: String?, arguments: Array<String>?, order: String?): Cursor {
        refusal?.let { throw it }
        return MatrixCursor(columns).apply {
            addRow(arrayOf<Any>("sub", "sub", 0, Document.MIME_TYPE_DIR))
            for (file in folder.listFiles().orEmpty()) addRow(arrayOf<Any>(file.name, file.name, file.length(), "application/octet-stream"))
        }
    }

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor =
        ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.parseMode(mode))

    override fun call(method: String, arg: String?, extras: Bundle?): Bundle {
        val uri = extras!!.getParcelable("uri", Uri::class.java)!!
        val made = when (method) {
            "android:createDocument" -> File(folder, extras.getString(Document.COLUMN_DISPLAY_NAME)!!).apply { createNewFile() }.name
            "android:renameDocument" -> {
                if (!renames) throw UnsupportedOperationException()
                val to = File(folder, extras.getString(Document.COLUMN_DISPLAY_NAME)!!)
                file(uri).renameTo(to)
                to.name
            }
            else -> "".also { file(uri).delete() }
        }
        return Bundle().apply { putParcelable("uri", DocumentsContract.buildDocumentUriUsingTree(TREE, made)) }
    }

    private fun file(uri: Uri): File = File(folder, DocumentsContract.getDocumentId(uri)).also { if (!it.exists()) throw FileNotFoundException() }

    override fun getType(uri: Uri) = null

    override fun insert(uri: Uri, values: ContentValues?) = null

    override fun delete(uri: Uri, selection: String?, arguments: Array<String>?) = 0

    override fun update(uri: Uri, values: ContentValues?, selection: String?, arguments: Array<String>?) = 0

    companion object {
        val TREE: Uri = DocumentsContract.buildTreeDocumentUri("other.documents", "root")
        lateinit var folder: File
        var renames = true
        var refusal: RuntimeException? = null
    }
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class TreeFolderTest {
    init {
        FakeDocuments.folder = Files.createTempDirectory("documents").toFile()
        FakeDocuments.renames = true
        FakeDocuments.refusal = null
        Robolectric.setupContentProvider(FakeDocuments::class.java, "other.documents")
    }

    private val folder = TreeFolder(RuntimeEnvironment.getApplication(), FakeDocuments.TREE)

    @After
    fun sweep() {
        FakeDocuments.folder.deleteRecursively()
    }

    @Test
    fun `files are written, read back, renamed and deleted by their names`() {
        folder.write("a.akb.part", byteArrayOf(1, 2, 3))
        assertFailsWith<FolderException.AlreadyExists> { folder.write("a.akb.part", byteArrayOf(9)) }
        folder.rename("a.akb.part", "a.akb")
        assertEquals(listOf(StoredFile("a.akb", 3)), folder.list())
        assertContentEquals(byteArrayOf(1, 2, 3), folder.read("a.akb"))
        folder.write("b.akb", byteArrayOf(4))
        assertFailsWith<FolderException.AlreadyExists> { folder.rename("b.akb", "a.akb") }
        folder.delete("a.akb")
        assertEquals(listOf(StoredFile("b.akb", 1)), folder.list())
        assertFailsWith<FolderException.NotFound> { folder.read("a.akb") }
    }

    @Test
    fun `what a folder refuses is told as the core knows it`() {
        folder.write("a", byteArrayOf(1))
        FakeDocuments.renames = false
        assertFailsWith<FolderException.Unsupported> { folder.rename("a", "b") }
        FakeDocuments.refusal = SecurityException("taken back")
        assertFailsWith<FolderException.Unavailable> { folder.list() }
    }
}
