package app.klink.core

import java.io.File
import java.util.concurrent.ConcurrentHashMap
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue

/** A folder behind a file picker: documents by name, and no way to rename; with [refuse] nothing is to be had. */
class PickedFolder : BackupFolder {
    val files = ConcurrentHashMap<String, ByteArray>()

    @Volatile
    var refuse: Exception? = null

    override fun list(): List<StoredFile> {
        refuse?.let { throw it }
        return files.map { (name, bytes) -> StoredFile(name, bytes.size.toLong()) }
    }

    override fun read(name: String) = files[name] ?: throw FolderException.NotFound()

    override fun write(name: String, bytes: ByteArray) {
        if (files.putIfAbsent(name, bytes) != null) throw FolderException.AlreadyExists()
    }

    override fun rename(from: String, to: String): Unit = throw FolderException.Unsupported()

    override fun delete(name: String) {
        files.remove(name)
    }
}

/** Acts of the story about files: what comes in from other apps, what goes out, moves and backups. */
internal class StoryFiles(private val own: Authenticator, private val key: UnlockKey, private val folder: File) {
    suspend fun takesFiles(stage: Stage) {
        case("another app's sealed file is known by its content, and asks for its password")
        val aegis = stage.brings("file/aegis,%20sealed")
        assertEquals(ImportFormat.AEGIS, detectImport("no.name", direct(aegis)))
        assertNull(detectImport("note.txt", direct("hello".toByteArray())))
        val file = listOf(ImportSource("aegis.json", aegis))
        val needs = refused<TransferException.NeedsPassword> { own.previewImport(file, ImportSecrets(), false) }
        assertEquals(ImportFormat.AEGIS to ImportNeeds.PASSWORD, needs.format to needs.needs)
        refused<TransferException.WrongPassword> { own.previewImport(file, opened("wrong"), false) }
        case("its rows say what is new, and what is wrong with the others has a place and a reason")
        own.previewImport(file, opened("test"), false).use { preview ->
            val rows = preview.rows()
            assertEquals(ImportFormat.AEGIS, preview.format())
            assertTrue(preview.problems().size == 2 && preview.problems().all { it.place.entry != null })
            assertTrue(rows.any { it.groups.isNotEmpty() } && rows.any { it.note.isNotEmpty() })
            assertFalse(preview.setTicked(rows.size, true))
            assertTrue(preview.setTicked(rows.first { it.status is PreviewStatus.New }.number, false))
            case("what is ticked is added in one step and read back")
            val counts = preview.counts()
            val before = own.accounts().size + own.trash().size
            val done = preview.commit(now())
            assertEquals(counts to counts.imported, done.counts to done.ids.size.toLong())
            val sum = counts.run { imported + duplicates + unsupported + damaged + skipped }
            assertEquals(sum to 1L, counts.total to counts.skipped)
            assertEquals(before + counts.imported.toInt(), own.accounts().size + own.trash().size)
            refused<TransferException.Used> { preview.commit(now()) }
            val again = own.previewImport(file, opened("test"), false).use { it.counts() }
            assertEquals(counts.imported, again.duplicates)
        }
        case("a file that is cut is damaged at a place, and what is no file of an app is not recognised")
        val whole = stage.brings("file/2fas,%20schema%204")
        val cut = listOf(ImportSource("2fas", whole.copyOf(whole.size - 200)))
        val damaged = refused<TransferException.Damaged> { own.previewImport(cut, ImportSecrets(), false) }
        assertEquals(ImportFormat.TWO_FAS, damaged.format)
        val note = listOf(ImportSource("note.txt", "hello".toByteArray()))
        refused<TransferException.NotRecognised> { own.previewImport(note, ImportSecrets(), false) }
        case("a lock empties a preview")
        own.previewImport(file, opened("test"), false).use { preview ->
            own.lock()
            assertEquals(emptyList<PreviewRow>(), preview.rows())
            own.unlock(key, now(), boot())
            refused<TransferException.Used> { preview.commit(now()) }
        }
        case("a key that is typed is an account, and a slip has its place")
        ScanSession().use { session ->
            val typed = EnteredKey("Typed", "ann", "jbsw y3dp-ehpk 3pxp", AccountKind.TOTP)
            val added = own.addScanned(session, session.takeKey(typed).number, null, now())
            assertEquals("Typed", own.account(added.id).issuer)
            val slip = refused<ScanException.Key> { session.takeKey(typed.copy(secret = "JB1W")) }
            assertEquals(KeySlip.Character(2), slip.slip)
        }
    }

    suspend fun goesOut(second: Authenticator) {
        case("an export says first what it cannot hold, and is written once after a confirmation")
        val plain = exportFormats().associate { it.format to it.plain }
        assertTrue(plain.size == 6 && plain[ExportFormat.URI_LIST] == true && plain[ExportFormat.AEGIS] == false)
        val report = own.exportReport(ExportFormat.AEGIS, null)
        assertEquals(own.accounts().size, report.written.size + report.leftOut.size)
        val order = ExportOrder.Aegis("a password".toByteArray())
        val unconfirmed = refused<TransferException.Vault> { own.export(order, null, boot()) }
        assertTrue(unconfirmed.why is VaultException.NotConfirmed)
        own.confirm(key, boot())
        val exported = own.export(order, null, boot())
        assertEquals(report, exported.report)
        val file = listOf(ImportSource("aegis.json", (exported.content as ExportContent.File).bytes))
        val counts = own.previewImport(file, opened("a password"), false).use { it.counts() }
        assertEquals(report.written.size.toLong(), counts.duplicates)
        val drawn = qrCode("otpauth://totp/a?secret=JBSWY3DP")
        assertEquals(drawn!!.size * drawn.size, drawn.modules.size)
        case("accounts move to a second phone by codes, and its receipt says that all arrived")
        val paper = makeRecoveryCode()
        second.create(NewVault(recoveryCode = TypedBack(paper, paper)), now())
        own.confirm(key, boot())
        val outgoing = own.sendAccounts(MoveWay.CODES, boot())
        val early = refused<TransferException.Move> { second.receiveAccounts(null, now()) }
        assertEquals(MoveTrouble.Incomplete, early.why)
        val incoming = outgoing.codes.reversed().map { second.takeMoveCode(it) }.last()
        assertEquals(emptyList<Int>() to outgoing.accounts, incoming.missing to incoming.accounts)
        val received = second.receiveAccounts(null, now())
        assertEquals(outgoing.accounts to outgoing.accounts, received.arrived to received.of)
        assertEquals(own.accounts().size, second.accounts().size)
        assertNull(own.handedOver(if (received.receipt == "000000") "000001" else "000000"))
        assertEquals(Handed(outgoing.accounts, outgoing.accounts), own.handedOver(received.receipt))
        assertFalse(own.isSending())
        second.stopReceiving()
        second.lock()
    }

    suspend fun backsUp() {
        case("a backup goes into a picked folder, is read back, and a test opens every account of it")
        val picked = PickedFolder()
        val path = folder.resolve("backups")
        assertEquals(BackupTrouble.Never, own.backupState(now()).trouble)
        val done = own.backUp(picked, 10, true, now())
        assertEquals(true to setOf(done.file.name), done.written to picked.files.keys.toSet())
        assertFalse(own.backUp(picked, 10, true, now()).written)
        assertNull(own.backupState(now()).trouble)
        val onDisk = path.resolve(own.backUpToPath(path.path, 10, false, now()).file.name).path
        val tested = own.testBackup(onDisk, key)
        assertEquals(own.accounts().size.toLong() to emptyList<String>(), tested.accounts to tested.damaged)
        case("a folder that refuses is on the main screen until it is mended")
        picked.refuse = FolderException.Unavailable()
        val refusal = refused<VaultException.Storage> { own.backUp(picked, 10, false, now()) }
        assertTrue((refusal.why as StorageTrouble.Folder).why is FolderException.Unavailable)
        assertTrue(own.backupState(now()).trouble is BackupTrouble.Failing)
        picked.refuse = IllegalStateException("JBSWY3DPEHPK3PXP")
        val odd = refused<VaultException.Storage> { own.backUp(picked, 10, false, now()) }
        assertFalse("JBSWY3DP" in odd.stackTraceToString())
        case("what was deleted comes back from a backup: shown first, then merged")
        val gone = own.accounts().first().id
        own.delete(gone, now())
        val row = own.compare(onDisk, null).rows.single { it.status !is ComparedStatus.Same }
        assertEquals(gone to ComparedStatus.OlderThere, row.account.id to row.status)
        assertEquals(1L, own.merge(onDisk, null, listOf(gone), now()))
        assertNull(own.account(gone).trashedAtMs)
    }

    suspend fun checks() {
        case("a self-check has a line for what this phone has, with what to do about it")
        val facts = ShellFacts(true, Permission.DENIED, Permission.GRANTED, null, null, false)
        val lines = own.selfCheck(facts, now()).associate { it.what to it.state }
        assertEquals(CheckState.Good to CheckState.Good, lines[CheckItem.VAULT] to lines[CheckItem.CAMERA])
        assertEquals(CheckState.Bad(Advice.ALLOW_IN_SETTINGS), lines[CheckItem.NOTIFICATIONS])
        assertFalse(CheckItem.BATTERY in lines)
        case("a lock that is off opens by the device alone and confirms nothing")
        own.turnLockOff(key, now())
        own.lock()
        assertEquals(VaultMode.ReadWrite, own.unlockWithLockOff(now()).mode)
        own.turnLockOn(key, now())
        own.lock()
        val none = refused<VaultException.WayIn> { own.unlockWithLockOff(now()) }
        assertEquals(WayInTrouble.NONE, none.why)
        own.unlock(key, now(), boot())
        case("a pack has codes and no seed, and a message in the spool is taken until it is done")
        val (pack, spool) = folder.resolve("pack") to folder.resolve("spool").apply { mkdir() }
        val ids = own.accounts().map { it.id }
        val packed = own.writePack(pack.path, PackPlan(ids, 3_600_000), now())
        assertEquals(ids.toSet(), (packed.ids + packed.leftOut).toSet())
        assertTrue(pack.readText(Charsets.ISO_8859_1).startsWith("AKW1\n") && own.packKey().size == 32)
        spool.resolve("ab".repeat(16) + ".msg").writeText("from an extension")
        val message = own.takeSpool(spool.path).single()
        assertEquals("from an extension" to false, String(message.bytes) to message.again)
        assertTrue(own.takeSpool(spool.path).single().again)
        own.spoolDone(spool.path, message.id)
        assertEquals(0, own.takeSpool(spool.path).size)
        case("who only looks is told of no change")
        own.changeFeed().use { changes ->
            own.addGroup("One group")
            val told = changes.next()!!.revision
            own.waysIn()
            own.duties(now())
            own.backupState(now())
            own.snapshots()
            own.verify()
            own.addGroup("Another")
            assertEquals(told + 1, changes.next()!!.revision)
            changes.end()
        }
    }

    private fun opened(password: String) = ImportSecrets(password.toByteArray())

    private fun direct(bytes: ByteArray) = java.nio.ByteBuffer.allocateDirect(bytes.size).put(bytes).flip() as java.nio.ByteBuffer
}
