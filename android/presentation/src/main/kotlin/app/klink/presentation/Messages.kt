package app.klink.presentation

import app.klink.core.AbsentTrouble
import app.klink.core.AccountTrouble
import app.klink.core.ImportNeeds
import app.klink.core.KeySlip
import app.klink.core.KeyStoreException
import app.klink.core.MoveTrouble
import app.klink.core.NetworkTrouble
import app.klink.core.NoCode
import app.klink.core.NumberTrouble
import app.klink.core.OfferTrouble
import app.klink.core.PushException
import app.klink.core.ReadOnlyReason
import app.klink.core.RecoveryCodeSlip
import app.klink.core.ScanException
import app.klink.core.StateTrouble
import app.klink.core.StorageTrouble
import app.klink.core.TlsRefusal
import app.klink.core.TransferException
import app.klink.core.VaultException
import app.klink.core.WayInTrouble

/** What is said of an error of the vault. */
fun message(why: VaultException): Message = when (why) {
    is VaultException.Locked -> Message(Sentence.LOCKED)
    is VaultException.WrongState -> message(why.state)
    is VaultException.NotConfirmed -> Message(Sentence.NOT_CONFIRMED)
    is VaultException.RecoveryCode -> message(why.slip)
    is VaultException.WrongKey -> Message(Sentence.WRONG_KEY)
    is VaultException.TooSoon -> Message(Sentence.TOO_SOON, seconds(why.waitMs))
    is VaultException.WayIn -> message(why.why)
    is VaultException.ReadOnly -> message(why.reason)
    is VaultException.Account -> message(why.why)
    is VaultException.Storage -> message(why.why)
    is VaultException.KeyStore -> message(why.kind)
    is VaultException.Internal -> Message(Sentence.INTERNAL, word = why.report)
}

/** What is said of a picture that cannot be used. */
fun message(why: ScanException): Message = when (why) {
    is ScanException.Empty -> Message(Sentence.PICTURE_EMPTY)
    is ScanException.Shape -> Message(Sentence.PICTURE_SHAPE)
    is ScanException.TooLarge -> Message(Sentence.PICTURE_TOO_LARGE)
    is ScanException.Format -> Message(Sentence.PICTURE_FORMAT)
    is ScanException.Damaged -> Message(Sentence.PICTURE_DAMAGED)
    is ScanException.Key -> message(why.slip)
}

/** What is said of an import, an export or a move that stopped. */
fun message(why: TransferException): Message = when (why) {
    is TransferException.NotRecognised -> Message(Sentence.NOTHING_TO_IMPORT)
    is TransferException.NeedsPassword -> message(why.needs)
    is TransferException.WrongPassword -> Message(Sentence.IMPORT_WRONG_PASSWORD)
    is TransferException.Damaged -> Message(Sentence.IMPORT_DAMAGED, word = why.place.name)
    is TransferException.NotReadable -> Message(Sentence.IMPORT_CLOSED)
    is TransferException.TooExpensive -> Message(Sentence.IMPORT_TOO_EXPENSIVE)
    is TransferException.Sources -> Message(Sentence.IMPORT_NOT_ONE)
    is TransferException.Used -> Message(Sentence.IMPORTED_BEFORE)
    is TransferException.Export -> Message(Sentence.EXPORT_REFUSED)
    is TransferException.Move -> message(why.why)
    is TransferException.Vault -> message(why.why)
    is TransferException.Internal -> Message(Sentence.INTERNAL, word = why.report)
}

/** What is said of an error of push. */
fun message(why: PushException): Message = when (why) {
    is PushException.Locked -> Message(Sentence.LOCKED)
    is PushException.NotThere -> message(why.what)
    is PushException.Offer -> message(why.why)
    is PushException.UpdateApp -> Message(Sentence.UPDATE_APP)
    is PushException.Number -> message(why.why)
    is PushException.Network -> message(why.why)
    is PushException.Service -> why.retryAfterS
        ?.let { Message(Sentence.SERVICE_BUSY, it.toLong(), why.code) }
        ?: Message(Sentence.SERVICE_REFUSED, why.status.toLong(), why.code)
    is PushException.NotBelieved -> Message(Sentence.NOT_BELIEVED, word = why.report)
    is PushException.Revoked -> Message(Sentence.REVOKED)
    is PushException.KeyStore -> message(why.kind)
    is PushException.Vault -> message(why.why)
    is PushException.Internal -> Message(Sentence.INTERNAL, word = why.report)
}

/** What is said of an error of the device's key store. */
fun message(why: KeyStoreException): Message = when (why) {
    is KeyStoreException.Unavailable -> Message(Sentence.KEYS_UNAVAILABLE)
    is KeyStoreException.Cancelled -> Message(Sentence.KEYS_CANCELLED)
    is KeyStoreException.LockedOut -> Message(Sentence.KEYS_LOCKED_OUT)
    is KeyStoreException.Invalidated -> Message(Sentence.KEYS_INVALIDATED)
    is KeyStoreException.Missing -> Message(Sentence.KEYS_MISSING)
    is KeyStoreException.HardwareFault -> Message(Sentence.KEYS_FAULT)
}

/** Why the vault is read-only. */
fun message(why: ReadOnlyReason): Message = when (why) {
    ReadOnlyReason.NEWER_FORMAT -> Message(Sentence.NEWER_FORMAT)
    ReadOnlyReason.DAMAGED_ROWS -> Message(Sentence.DAMAGED_ROWS)
    ReadOnlyReason.TAMPERED -> Message(Sentence.TAMPERED)
    ReadOnlyReason.ROLLED_BACK -> Message(Sentence.ROLLED_BACK)
    ReadOnlyReason.OTHER_BRANCH -> Message(Sentence.OTHER_BRANCH)
    ReadOnlyReason.NO_ANCHOR -> Message(Sentence.NO_ANCHOR)
    ReadOnlyReason.ANCHOR_TORN -> Message(Sentence.ANCHOR_TORN)
    ReadOnlyReason.ANCHOR_UNAVAILABLE -> Message(Sentence.ANCHOR_UNAVAILABLE)
}

/** Why a row shows no code. */
fun message(why: NoCode): Message = when (why) {
    NoCode.COUNTS -> Message(Sentence.CODE_COUNTS)
    NoCode.NEEDS_PIN -> Message(Sentence.PIN_NEEDED)
    NoCode.UNREADABLE -> Message(Sentence.CODE_UNREADABLE)
    NoCode.BAD_TIME -> Message(Sentence.BAD_TIME)
    NoCode.NO_SUCH_CODE -> Message(Sentence.NO_CODE_NOW)
    NoCode.ASKS_EVERY_TIME -> Message(Sentence.NOT_CONFIRMED)
}

private fun message(why: StateTrouble): Message = when (why) {
    is StateTrouble.AlreadyUnlocked -> Message(Sentence.ALREADY_UNLOCKED)
    is StateTrouble.Suspended -> Message(Sentence.SUSPENDED)
    is StateTrouble.NoVault -> Message(Sentence.NO_VAULT)
    is StateTrouble.VaultExists -> Message(Sentence.VAULT_EXISTS)
    is StateTrouble.PreviousVault -> Message(Sentence.PREVIOUS_VAULT)
}

private fun message(why: RecoveryCodeSlip): Message = when (why) {
    is RecoveryCodeSlip.Character -> Message(Sentence.CODE_CHARACTER, why.place + 1L)
    is RecoveryCodeSlip.Length -> Message(Sentence.CODE_LENGTH, why.letters.toLong())
    is RecoveryCodeSlip.Check -> Message(Sentence.CODE_CHECK)
    is RecoveryCodeSlip.Differs -> Message(Sentence.CODE_DIFFERS)
}

private fun message(why: WayInTrouble): Message = when (why) {
    WayInTrouble.NONE -> Message(Sentence.NO_SUCH_WAY_IN)
    WayInTrouble.DAMAGED -> Message(Sentence.WAY_IN_DAMAGED)
    WayInTrouble.TOO_EXPENSIVE -> Message(Sentence.WAY_IN_TOO_EXPENSIVE)
    WayInTrouble.NEEDS_PORTABLE -> Message(Sentence.NEEDS_PORTABLE)
}

private fun message(why: AccountTrouble): Message = when (why) {
    is AccountTrouble.NotThere -> Message(Sentence.ACCOUNT_GONE)
    is AccountTrouble.NoSuchGroup -> Message(Sentence.GROUP_GONE)
    is AccountTrouble.Unreadable -> Message(Sentence.ACCOUNT_UNREADABLE)
    is AccountTrouble.NoCode -> message(why.why)
    is AccountTrouble.DoesNotCount -> Message(Sentence.NOT_COUNTING)
    is AccountTrouble.CounterAtEnd -> Message(Sentence.COUNTER_AT_END)
    is AccountTrouble.TooLarge -> Message(Sentence.TOO_LONG)
}

private fun message(why: StorageTrouble): Message = when (why) {
    is StorageTrouble.Busy -> Message(Sentence.BUSY)
    is StorageTrouble.DiskFull -> Message(Sentence.DISK_FULL)
    is StorageTrouble.ChangedOutside -> Message(Sentence.CHANGED_OUTSIDE)
    is StorageTrouble.Damaged -> Message(Sentence.FILE_DAMAGED)
    is StorageTrouble.NotReadable -> Message(Sentence.NOT_READABLE)
    is StorageTrouble.NoRandomness -> Message(Sentence.NO_RANDOMNESS)
    is StorageTrouble.TooLarge -> Message(Sentence.FILE_TOO_LARGE)
    is StorageTrouble.Folder, is StorageTrouble.Generations -> Message(Sentence.FOLDER_REFUSED)
}

private fun message(why: MoveTrouble): Message = when (why) {
    is MoveTrouble.Incomplete -> Message(Sentence.MOVE_INCOMPLETE)
    is MoveTrouble.OtherFile -> Message(Sentence.MOVE_OTHER_FILE)
    is MoveTrouble.Damaged -> Message(Sentence.MOVE_DAMAGED)
    is MoveTrouble.TooManyParts -> Message(Sentence.MOVE_TOO_MANY)
    is MoveTrouble.NotACode -> Message(Sentence.MOVE_NOT_A_CODE)
    is MoveTrouble.Newer -> Message(Sentence.MOVE_NEWER)
    is MoveTrouble.Misread -> Message(Sentence.MOVE_MISREAD)
}

private fun message(why: KeySlip): Message = when (why) {
    is KeySlip.Empty -> Message(Sentence.KEY_EMPTY)
    is KeySlip.Character -> Message(Sentence.KEY_CHARACTER, why.place + 1L)
    is KeySlip.NotHex -> Message(Sentence.KEY_NOT_HEX)
    is KeySlip.Short -> Message(Sentence.KEY_SHORT)
    is KeySlip.Digits -> Message(Sentence.KEY_DIGITS)
    is KeySlip.Period -> Message(Sentence.KEY_PERIOD)
    is KeySlip.Counter -> Message(Sentence.KEY_COUNTER)
    is KeySlip.Kind -> Message(Sentence.KEY_KIND)
}

private fun message(why: ImportNeeds): Message = when (why) {
    ImportNeeds.PASSWORD -> Message(Sentence.IMPORT_NEEDS_PASSWORD)
    ImportNeeds.KEY_FILE -> Message(Sentence.IMPORT_NEEDS_KEY_FILE)
}

private fun message(why: AbsentTrouble): Message = when (why) {
    AbsentTrouble.ANY_ENROLMENT -> Message(Sentence.NO_ENROLMENT)
    AbsentTrouble.ENROLMENT -> Message(Sentence.ENROLMENT_GONE)
    AbsentTrouble.REQUEST -> Message(Sentence.REQUEST_GONE)
    AbsentTrouble.OFFER -> Message(Sentence.OFFER_GONE)
}

private fun message(why: OfferTrouble): Message = when (why) {
    OfferTrouble.LINK -> Message(Sentence.OFFER_LINK)
    OfferTrouble.HOST -> Message(Sentence.OFFER_HOST)
    OfferTrouble.FORGED -> Message(Sentence.OFFER_FORGED)
    OfferTrouble.EXPIRED -> Message(Sentence.OFFER_EXPIRED)
    OfferTrouble.KEY_KIND -> Message(Sentence.OFFER_KEY_KIND)
}

private fun message(why: NumberTrouble): Message = when (why) {
    is NumberTrouble.Digits -> Message(Sentence.NUMBER_DIGITS, why.digits.toLong())
    is NumberTrouble.NotAnOption -> Message(Sentence.NUMBER_NOT_AN_OPTION)
    is NumberTrouble.ScanOnly -> Message(Sentence.NUMBER_SCAN_ONLY)
    is NumberTrouble.Kind -> Message(Sentence.NUMBER_OTHER_KIND)
    is NumberTrouble.OtherRequest -> Message(Sentence.NUMBER_OTHER_REQUEST)
}

private fun message(why: NetworkTrouble): Message = when (why) {
    is NetworkTrouble.NotAllowed -> Message(Sentence.HOST_NOT_ALLOWED)
    is NetworkTrouble.NoConnection -> Message(Sentence.NO_CONNECTION)
    is NetworkTrouble.Tls -> message(why.why)
    is NetworkTrouble.NoReply -> Message(Sentence.NO_REPLY)
    is NetworkTrouble.NoTrust -> Message(Sentence.NO_TRUST)
}

private fun message(why: TlsRefusal): Message = when (why) {
    TlsRefusal.EXPIRED -> Message(Sentence.TLS_EXPIRED)
    TlsRefusal.NOT_YET_VALID -> Message(Sentence.TLS_NOT_YET_VALID)
    TlsRefusal.WRONG_HOST -> Message(Sentence.TLS_WRONG_HOST)
    TlsRefusal.UNKNOWN_AUTHORITY -> Message(Sentence.TLS_UNKNOWN_AUTHORITY)
    TlsRefusal.REVOKED -> Message(Sentence.TLS_REVOKED)
    TlsRefusal.BAD_CERTIFICATE -> Message(Sentence.TLS_BAD_CERTIFICATE)
    TlsRefusal.NO_COMMON_TLS -> Message(Sentence.TLS_NO_COMMON)
}

/** Whole seconds, rounded up: a wait never looks shorter than it is. */
internal fun seconds(ms: Long): Long = (ms + 999) / 1000
