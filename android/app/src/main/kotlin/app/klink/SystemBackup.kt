package app.klink

import app.klink.core.AuthenticatorInterface
import app.klink.core.SnapshotState
import app.klink.core.VaultException
import app.klink.presentation.replace
import java.io.File
import java.io.IOException

/**
 * What the system's backup may take along: [folder], which `extraction.xml` names, is empty until the user wants it, and
 * then holds the two newest sealed copies of the vault. They open with the passphrase or the recovery code.
 */
class SystemBackup(private val folder: File) {
    /** Brings [folder] up to date; [wanted] is the user's choice. */
    suspend fun renew(core: AuthenticatorInterface, wanted: Boolean) {
        val copies = when {
            !wanted -> emptyList()
            else -> try {
                core.snapshots().filter { it.state in WHOLE }.sortedByDescending { it.number }.take(COPIES).map { File(it.path) }
            } catch (_: VaultException) {
                // It cannot be read now: what was copied stays.
                return
            }
        }
        for (copy in copies) try {
            val target = File(folder, copy.name)
            if (target.lastModified() < copy.lastModified()) replace(target, copy.readBytes())
        } catch (_: IOException) {
            // It was pruned meanwhile, or the disk is full: the next change tries again.
        }
        for (old in folder.listFiles().orEmpty()) if (copies.none { it.name == old.name }) old.delete()
    }

    private companion object {
        const val COPIES = 2

        /** While the vault is locked, and after a change of passphrase, a whole copy is one that needs its key. */
        val WHOLE = setOf(SnapshotState.WHOLE, SnapshotState.NEEDS_KEY)
    }
}
