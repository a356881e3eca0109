package app.klink.presentation

import app.klink.core.Account
import app.klink.core.BackupTest
import app.klink.core.ComparedAccount
import app.klink.core.CopyInfo

/** Sealed copies: those the app makes by itself, and one that goes where the person wants. */
sealed interface BackupState {
    data class Shown(
        /** Newest first; `null` while they are being opened. */
        val snapshots: List<CopyInfo>?,
        val working: Boolean = false,
        /** The backup that was written and read back last. */
        val written: CopyInfo? = null,
        val systemBackup: Boolean = false,
        /** Where backups go by themselves, how many stay, and how that stands. */
        val folder: String? = null,
        val kept: Int = 10,
        val state: app.klink.core.BackupState? = null,
        val problem: Message? = null,
    ) : BackupState

    /** What a copy has and the vault has not. [copy] is a path. */
    data class Compared(
        val copy: String,
        val rows: List<ComparedAccount>,
        val ticked: Set<String>,
        val onlyHere: Long,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : BackupState

    /** What opens the copy? It is under other keys than the vault, or [tested] with what its owner knows. */
    data class NeedsKey(
        val copy: String,
        val tested: Boolean = false,
        val working: Boolean = false,
        val problem: Message? = null,
    ) : BackupState

    /** Everything in a copy was opened and counted. [names] are the accounts that are here, by their ids. */
    data class Tested(val test: BackupTest, val names: Map<String, Account>) : BackupState

    data class Merged(val accounts: Long) : BackupState

    /** A copy stands in the place of everything. */
    data class Replaced(val replaced: app.klink.core.Replaced) : BackupState
}

sealed interface BackupEvent {
    data object Write : BackupEvent

    data object SnapshotNow : BackupEvent

    data object ChooseFolder : BackupEvent

    /** Backups no longer go there; those that are there stay. */
    data object LeaveFolder : BackupEvent

    data class Keep(val backups: Int) : BackupEvent

    /** Into the folder, at once. */
    data object BackUpNow : BackupEvent

    data class Compare(val path: String) : BackupEvent

    data object CompareFile : BackupEvent

    /** Whether a file of the person's choice opens with what they know. */
    data object TestFile : BackupEvent

    /** The same of the copy that is being looked into. */
    data object Test : BackupEvent

    data class KeyTyped(val typed: String, val isRecoveryCode: Boolean) : BackupEvent

    data class Tick(val id: String, val ticked: Boolean) : BackupEvent

    data object Merge : BackupEvent

    /** Puts the copy in the place of everything; what only the vault has goes to the trash. */
    data object Replace : BackupEvent

    data class SystemBackup(val on: Boolean) : BackupEvent
}
