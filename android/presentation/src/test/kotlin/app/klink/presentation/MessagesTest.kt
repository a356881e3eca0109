package app.klink.presentation

import app.klink.core.*
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class MessagesTest {
    @Test
    fun `every sentence is said of something`() {
        val said = (vault() + push() + scan() + import()).map { it.sentence }
        val unsaid = Sentence.entries - said.toSet() - OWN
        assertTrue(unsaid.isEmpty(), "nobody says $unsaid")
    }

    @Test
    fun `a number stands in the sentence as a person counts`() {
        assertEquals(Message(Sentence.CODE_CHARACTER, 1), message(VaultException.RecoveryCode(RecoveryCodeSlip.Character(0))))
        assertEquals(Message(Sentence.TOO_SOON, 2), message(VaultException.TooSoon(1_001)))
        assertEquals(Message(Sentence.SERVICE_BUSY, 30, "slow_down"), message(PushException.Service(429, "slow_down", 30)))
        assertEquals(Message(Sentence.SERVICE_REFUSED, 409, "taken"), message(PushException.Service(409, "taken", null)))
    }

    private fun vault() = listOf(
        VaultException.Locked(), VaultException.NotConfirmed(), VaultException.WrongKey(), VaultException.TooSoon(1),
        VaultException.Internal("core/src/lib.rs:1"),
    ).map(::message) +
        listOf(
            StateTrouble.AlreadyUnlocked, StateTrouble.Suspended, StateTrouble.NoVault, StateTrouble.VaultExists,
            StateTrouble.PreviousVault("id"),
        ).map { message(VaultException.WrongState(it)) } +
        listOf(
            RecoveryCodeSlip.Character(0), RecoveryCodeSlip.Length(3), RecoveryCodeSlip.Check, RecoveryCodeSlip.Differs,
        ).map { message(VaultException.RecoveryCode(it)) } +
        WayInTrouble.entries.map { message(VaultException.WayIn(it)) } +
        ReadOnlyReason.entries.map { message(VaultException.ReadOnly(it)) } +
        listOf(
            StorageTrouble.Busy, StorageTrouble.DiskFull, StorageTrouble.ChangedOutside, StorageTrouble.Damaged,
            StorageTrouble.NotReadable, StorageTrouble.NoRandomness, StorageTrouble.TooLarge, StorageTrouble.Generations,
        ).map { message(VaultException.Storage(it)) } +
        NoCode.entries.map { message(VaultException.Account(AccountTrouble.NoCode(it))) } +
        listOf(
            AccountTrouble.NotThere, AccountTrouble.NoSuchGroup, AccountTrouble.Unreadable, AccountTrouble.DoesNotCount,
            AccountTrouble.CounterAtEnd, AccountTrouble.TooLarge,
        ).map { message(VaultException.Account(it)) } +
        keys().map { message(VaultException.KeyStore(it)) }

    private fun keys() = listOf(
        KeyStoreException.Unavailable(), KeyStoreException.Cancelled(), KeyStoreException.LockedOut(),
        KeyStoreException.Invalidated(), KeyStoreException.Missing(), KeyStoreException.HardwareFault(),
    )

    private fun push() = listOf(
        PushException.UpdateApp(), PushException.Service(500, "", null), PushException.Service(429, "", 1),
        PushException.NotBelieved("rule"), PushException.Revoked(),
    ).map(::message) +
        AbsentTrouble.entries.map { message(PushException.NotThere(it)) } +
        OfferTrouble.entries.map { message(PushException.Offer(it)) } +
        TlsRefusal.entries.map { message(PushException.Network(NetworkTrouble.Tls(it))) } +
        listOf(NetworkTrouble.NotAllowed, NetworkTrouble.NoConnection, NetworkTrouble.NoReply, NetworkTrouble.NoTrust)
            .map { message(PushException.Network(it)) } +
        listOf(
            NumberTrouble.Digits(2), NumberTrouble.NotAnOption, NumberTrouble.ScanOnly, NumberTrouble.Kind,
            NumberTrouble.OtherRequest,
        ).map { message(PushException.Number(it)) }

    private fun scan() = listOf(
        ScanException.Empty(), ScanException.Shape(), ScanException.TooLarge(), ScanException.Format(), ScanException.Damaged(),
    ).map(::message) +
        listOf(
            KeySlip.Empty, KeySlip.Character(0), KeySlip.NotHex, KeySlip.Short, KeySlip.Digits, KeySlip.Period, KeySlip.Counter,
            KeySlip.Kind,
        ).map { message(ScanException.Key(it)) }

    private fun import() = listOf(
        TransferException.NotRecognised(), TransferException.Used(),
        TransferException.NeedsPassword(ImportFormat.AEGIS, ImportNeeds.PASSWORD),
        TransferException.NeedsPassword(ImportFormat.KEE_PASS, ImportNeeds.KEY_FILE),
        TransferException.WrongPassword(ImportFormat.AEGIS), TransferException.TooExpensive(ImportFormat.AEGIS, 1, 1),
        TransferException.Damaged(ImportFormat.AEGIS, ImportPlace(0, null, "", null)),
        TransferException.NotReadable(ImportFormat.AUTHY, ClosedTrouble.NewerVersion(9)),
        TransferException.Sources(SourcesTrouble.TooMany(1_001)), TransferException.Export(ExportTrouble.STOPPED),
    ).map(::message) +
        listOf(
            MoveTrouble.Incomplete, MoveTrouble.OtherFile, MoveTrouble.Damaged, MoveTrouble.TooManyParts(1_000), MoveTrouble.NotACode,
            MoveTrouble.Newer, MoveTrouble.Misread,
        ).map { message(TransferException.Move(it)) }

    private companion object {
        /** What the screens themselves have to say. */
        val OWN = setOf(Sentence.PASSPHRASE_DIFFERS, Sentence.PASSPHRASE_EMPTY, Sentence.NO_SCREEN_LOCK, Sentence.OTHER_RECEIPT)
    }
}
