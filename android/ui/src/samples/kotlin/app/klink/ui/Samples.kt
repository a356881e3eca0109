package app.klink.ui

import androidx.compose.runtime.Composable
import app.klink.core.*
import app.klink.core.BackupState as CoreBackupState
import app.klink.presentation.*
import app.klink.presentation.BackupState

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
        AccountRow(account(5, "Mail", "ann@post.example", apart = Apart.Number(1, 2)), RowCode.None(NoCode.NEEDS_PIN)),
        row(account(6, "Mail", "ann@post.example", apart = Apart.Number(2, 2)), "93110402"),
    ),
    nowMs = NOW, groups = GROUPS, total = 6, trashed = 2, services = listOf(ServiceRow(enrolment())),
)
/** A code that no camera has to read: squares, as a real one has. */
private val CODE = QrCode(21, ByteArray(21 * 21) { (it * 7 / 3 % 2).toByte() })
private val WRONG = Message(Sentence.WRONG_KEY)
private val FOUND = ScannedAccount(0, AccountKind.TOTP, "Forge", "ann", Algorithm.SHA1, 6, 30, false)

/** Every screen in every state that looks different. */
val SAMPLES: List<Sample> = buildList {
    fun first(name: String, state: FirstStartState) = add(Sample("first-start-$name") { FirstStartScreen(state, it.take) })
    first("welcome", FirstStartState.Welcome(previous = false))
    first("previous", FirstStartState.Welcome(previous = true))
    first("passphrase", NewKeyState.ChoosePassphrase(PassphraseStrength(3, true)))
    first("passphrase-again", NewKeyState.RepeatPassphrase(problem = Message(Sentence.PASSPHRASE_DIFFERS)))
    first("recovery", NewKeyState.ShowRecoveryCode("K7QF-M2XW-93TD-HJ4N-P8RA-C5VE"))
    first("recovery-again", NewKeyState.RepeatRecoveryCode(problem = Message(Sentence.CODE_CHARACTER, 7)))
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
    accounts("backups", ACCOUNTS.copy(banner = Banner.Backup(BackupTrouble.Old(90))))
    accounts("asks", ACCOUNTS.copy(rows = listOf(AccountRow(account(2, "Forge", "ann"), RowCode.None(NoCode.ASKS_EVERY_TIME)))))
    accounts("confirm", ACCOUNTS.copy(confirming = UnlockState(UnlockState.Way.entries.toSet(), UnlockState.Way.DEVICE)))
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
    enrol("wake-ups", EnrolState.AskService("login.hupra.example", "Hupra", "ann@hupra.example", false, Granted.YES, DISTRIBUTORS))
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
    scan("key", ScanState.Typing(Message(Sentence.KEY_CHARACTER, 3)))
    add(Sample("key-more") { KeyForm(Message(Sentence.KEY_DIGITS), more = true, onEvent = it.take) })
    scan("found", ScanState.Found(listOf(FOUND)))
    scan("added", ScanState.Found(listOf(FOUND), listOf(Added("a", AddedStatus.NEW, null))))
    scan("collecting", ScanState.Collecting(MigrationProgress(1, 3, listOf(2, 3), 10, 1, true), Granted.YES))
    scan("foreign", ScanState.Elsewhere(Foreign.Broken("a field is missing")))
    scan("vendor", ScanState.Elsewhere(Foreign.VendorPush(Vendor.MICROSOFT, VendorHint.USE_DIFFERENT_APP)))

    fun one(name: String, state: AccountState) = add(Sample("account-$name") { AccountScreen(state, it.take) })
    one("shown", AccountState.Shown(account(1, "Hupra", "ann@hupra.example", favorite = true), GROUPS, readOnly = false))
    one("revealed", AccountState.Shown(account(1, "Hupra", "ann@hupra.example"), GROUPS, readOnly = true,
        revealed = Revealed("JBSWY3DPEHPK3PXP", "otpauth://totp/Hupra:ann?secret=JBSWY3DPEHPK3PXP"), code = CODE, service = enrolment()))
    one("confirm", AccountState.Shown(account(1, "Hupra", "ann@hupra.example"), GROUPS, readOnly = false,
        confirming = UnlockState(UnlockState.Way.entries.toSet(), UnlockState.Way.PASSPHRASE)))
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
    import("reading", ImportState.Choose(working = true))
    import("preview", ImportState.Preview(
        ImportFormat.AEGIS,
        listOf(
            preview(0, "Forge", "ann", PreviewStatus.New, true),
            preview(2, "Token", "ann", PreviewStatus.NeedsPin, true),
            preview(1, "Mail", "ann@post.example", PreviewStatus.Duplicate(OtherAccount.InVault("1")), false),
        ),
        listOf(ImportProblem(ImportPlace(0, 3, "entry 3", null), ProblemReason.DeviceBound, damaged = false, entries = 1)),
        missing = listOf(2),
    ))
    import("key-file", ImportState.NeedsPassword(ImportFormat.KEE_PASS, keyFile = true))
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
    backup("test", BackupState.NeedsKey("/copies/2", tested = true, problem = WRONG))
    backup("tested", BackupState.Tested(backupTest(emptyList(), 0), emptyMap()))
    backup("test-damaged", BackupState.Tested(backupTest(listOf("account 1", "x"), 1), mapOf("account 1" to account(1, "Forge", "ann"))))
    backup("merged", BackupState.Merged(3))
    backup("replaced", BackupState.Replaced(Replaced(12, 1, listOf("x"))))
    val standing = CoreBackupState(GoodBackup(NOW - 86_400_000, 12, "klink.akb"), BackupTrouble.Failing(NOW, NOW, BackupFailure.Vault))
    backup("folder", BackupState.Shown(emptyList(), folder = "content://tree", state = standing))

    fun export(name: String, state: ExportState) = add(Sample("export-$name") { ExportScreen(state, it.take) })
    val formats = ExportFormat.entries.map { ExportFormatInfo(it, plain = it != ExportFormat.AEGIS) }
    export("choose", ExportState.Choose(formats))
    val names = mapOf("account 1" to account(1, "Hupra", "ann@hupra.example"))
    for (format in formats) export(
        format.format.name.lowercase().replace('_', '-'),
        ExportState.Ready(format, ExportReport(listOf("account 2"), listOf(LeftOutAccount("account 1", LeftOut.KIND)), Lost.entries.map { LostDetail(it, 2) }), names),
    )
    export("shown", ExportState.Codes(listOf(CODE, CODE)))
    export("done", ExportState.Done(ExportReport(listOf("account 1"), emptyList(), emptyList())))

    fun move(name: String, state: MoveState) = add(Sample("move-$name") { MoveScreen(state, NO_FRAMES, it.take) })
    move("choose", MoveState.Choose(begun = true))
    move("sending", MoveState.Sending(listOf(CODE, CODE), 80, leftOut = 1, hasFile = false, problem = Message(Sentence.OTHER_RECEIPT)))
    move("file", MoveState.Sending(listOf(CODE), 80, leftOut = 0, hasFile = true))
    move("arrived", MoveState.Arrived(80, 80))
    move("arrived-less", MoveState.Arrived(79, 80))
    move("receiving", MoveState.Receiving(Incoming(null, 0, null, emptyList(), null, null), Granted.YES))
    move("some", MoveState.Receiving(Incoming(MoveCodeTaken.NEW, 1, 3, listOf(2, 3), false, 80), Granted.NO, problem = Message(Sentence.MOVE_MISREAD)))
    move("wants-file", MoveState.Receiving(Incoming(MoveCodeTaken.NEW, 1, 1, emptyList(), true, 80), Granted.YES))
    move("compared", MoveState.Compared(listOf(ComparedAccount(account(1, "Forge", "ann"), ComparedStatus.Missing, true)), setOf("account 1")))
    move("received", MoveState.Received(Received("204881", 80, 80, listOf(Renewal("login.hupra.example", "Hupra", "ann@hupra.example")))))

    fun check(name: String, state: SelfCheckState) = add(Sample("check-$name") { SelfCheckScreen(state, it.take) })
    check("working", SelfCheckState())
    val advice = Advice.entries.iterator()
    check("lines", SelfCheckState(CheckItem.entries.mapIndexed { at, item ->
        CheckLine(item, when (at % 4) {
            0 -> CheckState.Good
            1 -> CheckState.Bad(advice.next())
            2 -> CheckState.Better(advice.next())
            else -> CheckState.NotKnown
        })
    }))
    check("unchosen", SelfCheckState(listOf(CheckLine(CheckItem.WAKE_UPS, CheckState.Better(Advice.OPEN_TO_SEE))), mustChoose = true))
    check("advice", SelfCheckState(CheckItem.entries.drop(1).map { CheckLine(it, CheckState.Better(if (advice.hasNext()) advice.next() else Advice.ALLOW)) }))

    add(Sample("settings") { SettingsScreen(SettingsState(Preferences(), WAYS_IN, Biometrics.READY, "0.1.0"), it.take) })
    add(Sample("settings-wake-ups") { SettingsScreen(SettingsState(Preferences(), WAYS_IN, Biometrics.READY, "0.1.0", DISTRIBUTORS), it.take) })
    add(Sample("settings-woken") {
        SettingsScreen(SettingsState(Preferences(), WAYS_IN, Biometrics.READY, "0.1.0", DISTRIBUTORS, "io.heckel.ntfy"), it.take)
    })
    add(Sample("passphrase") { WayInScreen(NewKeyState.ChoosePassphrase(PassphraseStrength(1, false)), it.take) })
    add(Sample("passphrase-done") { WayInScreen(WayInState.Done(isCode = false), it.take) })
    add(Sample("recovery-code-done") { WayInScreen(WayInState.Done(isCode = true), it.take) })

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
