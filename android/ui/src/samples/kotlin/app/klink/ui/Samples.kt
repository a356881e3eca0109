package app.klink.ui

import androidx.compose.runtime.Composable
import app.klink.core.AccountKind
import app.klink.core.Act
import app.klink.core.Added
import app.klink.core.AddedStatus
import app.klink.core.Algorithm
import app.klink.core.AnswerKind
import app.klink.core.ComparedAccount
import app.klink.core.ComparedStatus
import app.klink.core.CountedCode
import app.klink.core.EnrolmentState
import app.klink.core.ImportCounts
import app.klink.core.ImportDone
import app.klink.core.ImportFormat
import app.klink.core.ImportPlace
import app.klink.core.ImportProblem
import app.klink.core.MatchRule
import app.klink.core.MigrationProgress
import app.klink.core.NextStep
import app.klink.core.NoCode
import app.klink.core.OtherAccount
import app.klink.core.Outcome
import app.klink.core.PassphraseStrength
import app.klink.core.PreviewRow
import app.klink.core.PreviewStatus
import app.klink.core.ProblemReason
import app.klink.core.ReadOnlyReason
import app.klink.core.Revealed
import app.klink.core.SalvageProposal
import app.klink.core.SalvageSource
import app.klink.core.SalvagedAccount
import app.klink.core.ScannedAccount
import app.klink.core.SnapshotState
import app.klink.core.TimedCode
import app.klink.core.Vendor
import app.klink.core.VendorHint
import app.klink.presentation.*

/** One state of one screen: [name] is the name of its picture, [draw] shows it and hands its events to [Seen]. */
class Sample(val name: String, val draw: @Composable (Seen) -> Unit)

/** What a person did on a sample, in order. */
class Seen {
    val events = mutableListOf<Any>()

    val take: (Any) -> Unit = { events += it }
}

/** Takes no frame. */
val NO_FRAMES = Frames { _, _, _, _ -> }

private val ACCOUNTS = AccountsState(
    rows = listOf(
        row(account(1, "Hupra", "ann@hupra.example", favorite = true), "482916"),
        row(account(2, "Forge", "ann"), "071355", leftMs = 4_000, next = "640028"),
        AccountRow(account(3, "Bank of the Meuse", "NL91 1234"), RowCode.Hidden(TimedCode("111222", NOW, NOW + 19_000))),
        AccountRow(account(4, "Library", "ann", kind = AccountKind.HOTP), RowCode.Counts(CountedCode("204881", "7"))),
        AccountRow(account(5, "Mail", "ann@post.example"), RowCode.None(NoCode.NEEDS_PIN), Told.ByNumber(1, 2)),
        AccountRow(account(6, "Mail", "ann@post.example"), row(account(6, "", ""), "93110402").code, Told.ByNumber(2, 2)),
    ),
    nowMs = NOW, groups = GROUPS, total = 6, trashed = 2, services = listOf(ServiceRow(enrolment())),
)
private val WRONG = Message(Sentence.WRONG_KEY)
private val FOUND = ScannedAccount(0, AccountKind.TOTP, "Forge", "ann", Algorithm.SHA1, 6, 30, false)

/** Every screen in every state that looks different. */
val SAMPLES: List<Sample> = buildList {
    fun first(name: String, state: FirstStartState) = add(Sample("first-start-$name") { FirstStartScreen(state, it.take) })
    first("welcome", FirstStartState.Welcome(previous = false))
    first("previous", FirstStartState.Welcome(previous = true))
    first("passphrase", FirstStartState.ChoosePassphrase(PassphraseStrength(3, true)))
    first("passphrase-again", FirstStartState.RepeatPassphrase(problem = Message(Sentence.PASSPHRASE_DIFFERS)))
    first("recovery", FirstStartState.ShowRecoveryCode("K7QF-M2XW-93TD-HJ4N-P8RA-C5VE"))
    first("recovery-again", FirstStartState.RepeatRecoveryCode(problem = Message(Sentence.CODE_CHARACTER, 7)))
    first("backup", FirstStartState.OpenBackup("klink-2026-11-26.akb", problem = WRONG))
    first("biometrics", FirstStartState.OfferBiometrics(Biometrics.READY))
    first("no-lock", FirstStartState.OfferBiometrics(Biometrics.NO_SCREEN_LOCK))

    fun unlock(name: String, state: UnlockState) = add(Sample("unlock-$name") { UnlockScreen(state, it.take) })
    unlock("device", UnlockState(UnlockState.Way.entries.toSet(), UnlockState.Way.DEVICE))
    unlock("passphrase", UnlockState(UnlockState.Way.entries.toSet(), UnlockState.Way.PASSPHRASE, problem = WRONG, requests = 1))
    unlock("wait", UnlockState(setOf(UnlockState.Way.PASSPHRASE), UnlockState.Way.PASSPHRASE, waitMs = 30_000))

    fun accounts(name: String, state: AccountsState) = add(Sample("accounts-$name") { AccountsScreen(state, it.take) })
    accounts("list", ACCOUNTS)
    accounts("busy", ACCOUNTS.copy(banner = Banner.CheckPassphrase, requests = 1, copied = Copied("account 2", NOW + 4_000)))
    accounts("empty", AccountsState(emptyList(), NOW))
    accounts("not-found", ACCOUNTS.copy(rows = emptyList(), query = "zebra", services = emptyList()))
    accounts("read-only", ACCOUNTS.copy(readOnly = true, banner = Banner.ReadOnly(ReadOnlyReason.ROLLED_BACK)))

    fun approve(name: String, state: ApproveState) = add(Sample("approve-$name") { ApproveScreen(state, NO_FRAMES, it.take) })
    approve("number", ApproveState.Asked(challenge(), NOW, "4"))
    approve("complete", ApproveState.Asked(challenge(newDevice = true), NOW, "42", complete = true, others = 1))
    approve("pick", ApproveState.Asked(challenge(MatchRule.Pick(listOf("12", "57", "84"))), NOW))
    approve("transaction", ApproveState.Asked(challenge(MatchRule.Confirm, Act.TRANSACTION, words = "Pay 12.50 to the library"), NOW, complete = true))
    approve("locked", ApproveState.Asked(challenge(), NOW, locked = true))
    approve("test", ApproveState.Asked(challenge(act = Act.TEST), NOW))
    approve("nothing", ApproveState.Nothing(looking = false, problem = Message(Sentence.NO_CONNECTION)))
    approve("looking", ApproveState.Nothing(looking = true))
    approve("report", ApproveState.AskReport(challenge()))
    approve("scanning", ApproveState.Scanning(challenge()))
    approve("approved", ApproveState.Answered(challenge(), Outcome.APPROVED))
    approve("wrong-number", ApproveState.Answered(challenge(), Outcome.WRONG_MATCH))
    approve("display-code", ApproveState.Answered(challenge(), Outcome.APPROVED, displayCode = "481920"))

    fun enrol(name: String, state: EnrolState) = add(Sample("enrol-$name") { EnrolScreen(state, it.take) })
    enrol("type", EnrolState.TypeCode())
    enrol("host", EnrolState.AskHost("login.hupra.example"))
    enrol("service", EnrolState.AskService("login.hupra.example", "Hupra", "ann@hupra.example", false, Granted.NOT_YET_ASKED))
    enrol("clock", EnrolState.AskService("login.hupra.example", "Hupra", "ann@hupra.example", true, Granted.NO))
    enrol("check", EnrolState.Check("enrolment", "Hupra", "204881"))
    enrol("unfinished", EnrolState.Unfinished("enrolment", "login.hupra.example", problem = Message(Sentence.NO_REPLY)))
    enrol("done", EnrolState.Done("Hupra", "ann@hupra.example"))
    enrol("refused", EnrolState.Refused(Message(Sentence.OFFER_FORGED)))

    add(Sample("add") { AddScreen(AddState(canScan = true), it.take) })

    fun scan(name: String, state: ScanState) = add(Sample("scan-$name") { ScanScreen(state, NO_FRAMES, it.take) })
    scan("looking", ScanState.Looking(Granted.YES))
    scan("allow", ScanState.Looking(Granted.NOT_YET_ASKED))
    scan("denied", ScanState.Looking(Granted.NO))
    scan("found", ScanState.Found(listOf(FOUND)))
    scan("added", ScanState.Found(listOf(FOUND), listOf(Added("a", AddedStatus.NEW, null))))
    scan("collecting", ScanState.Collecting(MigrationProgress(1, 3, listOf(2, 3), 10, 1, true), Granted.YES))
    scan("vendor", ScanState.Elsewhere(Foreign.VendorPush(Vendor.MICROSOFT, VendorHint.USE_DIFFERENT_APP)))

    fun one(name: String, state: AccountState) = add(Sample("account-$name") { AccountScreen(state, it.take) })
    one("shown", AccountState.Shown(account(1, "Hupra", "ann@hupra.example", favorite = true), GROUPS, readOnly = false))
    one("revealed", AccountState.Shown(account(1, "Hupra", "ann@hupra.example"), GROUPS, readOnly = true,
        revealed = Revealed("JBSWY3DPEHPK3PXP", "otpauth://totp/Hupra:ann?secret=JBSWY3DPEHPK3PXP")))
    one("confirm", AccountState.Shown(account(1, "Hupra", "ann@hupra.example"), GROUPS, readOnly = false,
        confirming = Confirming(UnlockState.Way.entries.toSet(), UnlockState.Way.PASSPHRASE)))
    one("gone", AccountState.Gone)

    fun service(name: String, state: ServiceState) = add(Sample("service-$name") { ServiceScreen(state, it.take) })
    service("active", ServiceState.Shown(enrolment()))
    service("test", ServiceState.Shown(enrolment(), testNumber = "42"))
    service("needs-key", ServiceState.Shown(enrolment(EnrolmentState.NeedsApprovalKey)))
    service("revoked", ServiceState.Shown(enrolment(EnrolmentState.Revoked("credential_revoked"))))
    service("removing", ServiceState.Shown(enrolment(), removing = true))

    add(Sample("history") { HistoryScreen(HistoryState(listOf(past(Outcome.APPROVED, AnswerKind.APPROVE), past(Outcome.REPORTED, AnswerKind.REPORT))), it.take) })
    add(Sample("trash") { TrashScreen(TrashState(listOf(account(1, "Forge", "ann").copy(trashedAtMs = NOW))), it.take) })
    add(Sample("groups") { GroupsScreen(GroupsState(GROUPS.map { group -> GroupRow(group, 3) }, readOnly = false), it.take) })

    fun import(name: String, state: ImportState) = add(Sample("import-$name") { ImportScreen(state, it.take) })
    import("choose", ImportState.Choose())
    import("preview", ImportState.Preview(
        listOf(
            preview(0, "Forge", "ann", PreviewStatus.New, true),
            preview(1, "Mail", "ann@post.example", PreviewStatus.Duplicate(OtherAccount.InVault("1")), false),
        ),
        listOf(ImportProblem(ImportPlace(0, 3, "entry 3", null), ProblemReason.DeviceBound, damaged = false, entries = 1)),
    ))
    import("password", ImportState.NeedsPassword(ImportFormat.AEGIS, problem = Message(Sentence.IMPORT_WRONG_PASSWORD)))
    import("expensive", ImportState.TooExpensive(512L shl 20))
    import("done", ImportState.Done(ImportDone(ImportCounts(6, 2, 1, 1, 1, 1), listOf("1", "2"))))

    fun backup(name: String, state: BackupState) = add(Sample("backup-$name") { BackupScreen(state, it.take) })
    backup("shown", BackupState.Shown(listOf(copy(1), copy(2, SnapshotState.NEEDS_KEY)), written = copy(0)))
    backup("compared", BackupState.Compared("/copies/1", listOf(
        ComparedAccount(account(1, "Forge", "ann"), ComparedStatus.Missing, true),
        ComparedAccount(account(2, "Library", "ann"), ComparedStatus.CounterForked("7", "9"), false),
    ), setOf("account 1"), onlyHere = 2))
    backup("key", BackupState.NeedsKey("/copies/2"))
    backup("merged", BackupState.Merged(3))

    add(Sample("settings") { SettingsScreen(SettingsState(Preferences(), WAYS_IN, Biometrics.READY, "0.1.0"), it.take) })
    add(Sample("passphrase") { PassphraseScreen(PassphraseState.Choose(PassphraseStrength(1, false)), it.take) })
    add(Sample("passphrase-done") { PassphraseScreen(PassphraseState.Done, it.take) })
    add(Sample("recovery-code-done") { RecoveryCodeScreen(RecoveryCodeState.Done, it.take) })

    fun trouble(name: String, state: TroubleState) = add(Sample("trouble-$name") { TroubleScreen(state, it.take) })
    for (reason in ReadOnlyReason.entries) {
        trouble(reason.name.lowercase().replace('_', '-'), TroubleState.Shown(reason, listOf(NextStep.AcceptAndMerge(1), NextStep.BackUp)))
    }
    trouble("no-open", TroubleState.Shown(null, listOf(NextStep.Salvage, NextStep.Restore(1), NextStep.StartNew)))
    trouble("key", TroubleState.NeedsKey(NextStep.Salvage, problem = WRONG))
    trouble("salvage", TroubleState.Salvage(
        SalvageProposal("/quarantine", copy(1), listOf(
            SalvagedAccount(account(1, "Forge", "ann"), SalvageSource.FILE),
            SalvagedAccount(account(2, "Mail", "ann@post.example"), SalvageSource.SNAPSHOT_NEWER),
        ), listOf("x")), setOf("account 2"),
    ))
    trouble("mended", TroubleState.Mended(12))

    add(Sample("licences") { LicencesScreen(LicencesState(listOf(LinkedPart("UniFFI", "MPL-2.0", "mozilla/uniffi-rs"))), it.take) })
}

private fun preview(number: Int, issuer: String, name: String, status: PreviewStatus, ticked: Boolean) = PreviewRow(
    number, ImportPlace(0, number + 1, issuer, null), status, ticked, AccountKind.TOTP, issuer, name, null, 6, 30, emptyList(),
    favorite = false, note = "", trashed = false,
)
