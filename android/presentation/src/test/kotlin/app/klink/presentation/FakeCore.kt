package app.klink.presentation

import app.klink.core.*
import app.klink.core.BackupState
import java.lang.reflect.Proxy
import kotlinx.coroutines.channels.Channel

/** A core without a library: a list in memory, and answers that a test sets. What is not faked says so. */
class FakeCore : AuthenticatorInterface by unused() {
    /** Every call, in order: what a test counts. */
    val calls = mutableListOf<String>()

    var status: VaultStatus = VaultStatus.Locked(listOf(way(WayInKind.PASSPHRASE), way(WayInKind.DEVICE)))
    var mode: VaultMode? = null
    var opens: (UnlockKey) -> Opened = { Opened(VaultMode.ReadWrite, REPORT) }
    var refuse: Exception? = null
    val list = mutableListOf<Account>()
    val groupList = mutableListOf<AccountGroup>()

    /** The orders that lists were asked for in. */
    val orders = mutableListOf<ListOrder?>()

    /** Until when a code is given that was asked for. */
    private val shown = mutableMapOf<String, Long>()
    private var confirmed = false
    var code: (String, Long) -> CodeRow = ::coded
    var open = listOf<Challenge>()
    var answers: suspend (Decision) -> Answered = { Answered(Outcome.APPROVED, null) }
    var rows = listOf<Enrolment>()
    var pushKeys = mapOf<String, String>()
    var duties = Duties(checkPassphrase = false, renewRecoveryCode = false)
    var locksAt: Long? = null
    var steps = listOf<NextStep>()
    var leaves = ExportReport(listOf("a"), listOf(LeftOutAccount("b", LeftOut.KIND)), emptyList())
    var handed = Handed(2, 2)
    var sends: Outgoing? = null
    var arrives = Incoming(null, 0, null, emptyList(), null, null)
    var offeredKey: String? = null
    var takes: (String) -> Incoming = { Incoming(MoveCodeTaken.NEW, 2, 2, emptyList(), false, 2) }
    var check: (ShellFacts) -> List<CheckLine> = { emptyList() }
    var backupTrouble: BackupTrouble? = null
    var previews: suspend (ImportSecrets) -> ImportPreview = { throw TransferException.NotRecognised() }
    var compares: (UnlockKey?) -> Unit = {}
    var tests: suspend (String, UnlockKey) -> BackupTest = { _, _ -> throw VaultException.WrongKey() }
    val changes = Channel<Change>(Channel.CONFLATED)
    val looks = Channel<Challenges>(Channel.UNLIMITED)

    private fun <T> called(name: String, value: () -> T): T {
        calls += name
        refuse?.let { throw it }
        return value()
    }

    private fun <T> unlocked(name: String, value: () -> T): T = called(name) {
        if (mode == null) throw VaultException.Locked()
        value()
    }

    fun changed() = changes.trySend(Change(calls.size.toLong()))

    override fun status() = called("status") { status }
    override fun mode() = mode ?: throw VaultException.Locked()
    override suspend fun create(new: NewVault, atMs: Long) = called("create") {
        if (new.recoveryCode?.let { it.code != it.typed } == true) throw VaultException.RecoveryCode(RecoveryCodeSlip.Differs)
        mode = VaultMode.ReadWrite
        "vault"
    }
    override suspend fun unlock(key: UnlockKey, atMs: Long, bootMs: Long) = called("unlock") {
        opens(key).also { mode = it.mode }
    }
    override suspend fun confirm(key: UnlockKey, bootMs: Long) = called("confirm") {
        opens(key)
        confirmed = true
    }
    override suspend fun showCode(id: String, atMs: Long, offsetMs: Long, bootMs: Long) = unlocked("showCode") {
        if (!confirmed) throw VaultException.NotConfirmed()
        confirmed = false
        shown[id] = code(id, atMs + offsetMs).back(offsetMs).code?.validUntilMs ?: (atMs + 30_000)
    }
    override suspend fun reveal(id: String, bootMs: Long) = unlocked("reveal") { Revealed("SECRET", "otpauth://…") }
    override suspend fun renewDeviceWayIn(key: UnlockKey, atMs: Long) = called("renewDeviceWayIn") { }
    override suspend fun archivePrevious() = called("archivePrevious") { status = VaultStatus.NoVault }
    override fun lock() {
        calls += "lock"
        mode = null
    }
    override fun watch(limits: LockLimits, bootMs: Long) = called("watch ${limits.backgroundMs}") { }
    override fun report(event: LockEvent, bootMs: Long) = called("report $event") { mode == null }
    override fun locksAtBootMs() = locksAt
    override suspend fun waysIn() = listOf(way(WayInKind.PASSPHRASE), way(WayInKind.DEVICE))
    override suspend fun duties(atMs: Long) = duties
    override suspend fun nextSteps() = steps
    override fun accounts(order: ListOrder?) = unlocked("accounts") { list.toList().also { orders += order } }
    override fun account(id: String) =
        unlocked("account") { list.find { it.id == id } ?: throw VaultException.Account(AccountTrouble.NotThere) }
    override fun trash() = unlocked("trash") { emptyList<Account>() }
    override fun groups() = unlocked("groups") { groupList.toList() }
    override fun search(query: String, order: ListOrder?) = unlocked("search") {
        list.filter { query in it.issuer }.also { orders += order }
    }
    override fun codes(atMs: Long, offsetMs: Long, ids: List<String>) = unlocked("codes") {
        // As the library does: windows are of the caller's clock, and what asks every time is given after `showCode`.
        val rows = ids.map { code(it, atMs + offsetMs).back(offsetMs) }.map { row ->
            val asks = list.any { it.id == row.id && it.asksEveryTime } && shown.getOrDefault(row.id, 0) <= atMs
            if (asks) CodeRow(row.id, null, null, NoCode.ASKS_EVERY_TIME) else row
        }
        Codes(rows, rows.mapNotNull { it.code?.validUntilMs }.minOrNull())
    }
    override suspend fun nextCode(id: String, atMs: Long) = unlocked("nextCode") { CountedCode("755224", "0") }
    override suspend fun used(id: String, atMs: Long) = unlocked("used $id") { }
    override suspend fun setOrder(ids: List<String>) = unlocked("setOrder $ids") { }
    override suspend fun delete(id: String, atMs: Long) = unlocked("delete") { list.removeIf { it.id == id }.let { } }
    override suspend fun change(id: String, change: AccountChange, atMs: Long) = unlocked("change") {
        list.replaceAll { if (it.id == id) it.copy(asksEveryTime = change.asksEveryTime ?: it.asksEveryTime) else it }
        changed().let { }
    }
    override fun changeFeed(): ChangeFeed = object : ChangeFeed(NoHandle) {
        override suspend fun next() = changes.receiveCatching().getOrNull()
        override fun end() = Unit
    }
    override fun challengeFeed(): ChallengeFeed = object : ChallengeFeed(NoHandle) {
        init {
            calls += "look begun"
        }

        override suspend fun next() = looks.receiveCatching().getOrNull()
        override fun end() = calls.add("look ended").let { }
    }
    override suspend fun refreshChallenges() = called("refreshChallenges") { Challenges(open, emptyList(), 3_000, emptyList()) }
    override suspend fun challenges() = open
    override suspend fun enrolments() = rows
    override suspend fun pushKey(id: String) = called("pushKey $id") { pushKeys[id] }
    override suspend fun subscribe(relay: String, vendor: PushVendor, token: String, pushKey: String) =
        called("subscribe $relay $vendor $token $pushKey") { "$relay/$token/${pushKey.last()}" }
    override suspend fun changePushEndpoint(id: String, endpoint: String?) = called("changePushEndpoint $id $endpoint") { }
    override fun offer(text: String) = called("offer") { Offer("offer", "login.hupra.example") }
    override suspend fun checkOffer(offerId: String) =
        called("checkOffer") { CheckedOffer(offerId, "login.hupra.example", "Hupra", "ann", clockIsSuspect = false, pushKey = offeredKey) }
    override suspend fun answer(challengeId: String, decision: Decision): Answered {
        calls += "answer $decision"
        return answers(decision)
    }

    override suspend fun exportReport(format: ExportFormat, ids: List<String>?) = unlocked("exportReport $format") { leaves }
    override suspend fun export(order: ExportOrder, ids: List<String>?, bootMs: Long): Exported = unlocked("export") {
        val texts = order is ExportOrder.Codes || order is ExportOrder.GoogleMigration
        Exported(leaves, if (texts) ExportContent.Codes(listOf("one", "two")) else ExportContent.File("a file".toByteArray()))
    }
    override suspend fun isSending() = sends != null
    override suspend fun sending(bootMs: Long) = unlocked("sending") { sends }
    override suspend fun sendAccounts(way: MoveWay, bootMs: Long) = unlocked("sendAccounts $way") {
        Outgoing(listOf("head", "part"), "sealed".toByteArray().takeIf { way == MoveWay.FILE }, 2, emptyList()).also { sends = it }
    }
    override suspend fun handedOver(typed: String) = unlocked("handedOver") { handed.takeIf { typed == "204881" } }
    override suspend fun stopSending() = called("stopSending") { sends = null }
    override suspend fun incoming() = unlocked("incoming") { arrives }
    override suspend fun takeMoveCode(text: String) = unlocked("takeMoveCode $text") { takes(text).also { arrives = it } }
    override suspend fun compareMove() = unlocked("compareMove") {
        if (arrives.missing.isNotEmpty()) throw TransferException.Move(MoveTrouble.Incomplete)
        Comparison(list.map { ComparedAccount(it, ComparedStatus.Missing, true) }, 0, sameBranch = false)
    }
    override suspend fun receiveAccounts(only: List<String>?, atMs: Long) =
        unlocked("receiveAccounts $only") { Received("204881", 2, 2, listOf(Renewal("hours.example", "Hupra", "ann"))) }
    override suspend fun stopReceiving() = called("stopReceiving") { }
    override suspend fun selfCheck(facts: ShellFacts, atMs: Long) = called("selfCheck") { check(facts) }
    override suspend fun checkWayIn(key: UnlockKey, atMs: Long, bootMs: Long) = called("checkWayIn") { opens(key).let { } }
    override suspend fun snapshots() = emptyList<CopyInfo>()
    override suspend fun backupState(atMs: Long) = BackupState(null, backupTrouble)
    override suspend fun backUpToPath(path: String, keep: Int, ifDue: Boolean, atMs: Long) =
        unlocked("backUpToPath $path $keep $ifDue") { BackedUp(BackupFile("klink.akb", 1, atMs, 1), true) }
    override suspend fun compare(path: String, key: UnlockKey?) = unlocked("compare") {
        compares(key)
        Comparison(list.map { ComparedAccount(it, ComparedStatus.Missing, true) }, 1, sameBranch = true)
    }
    override suspend fun testBackup(path: String, key: UnlockKey): BackupTest {
        calls += "testBackup $path"
        return tests(path, key)
    }
    override suspend fun replaceBy(path: String, key: UnlockKey?, atMs: Long) = unlocked("replaceBy") { Replaced(1, 1, emptyList()) }
    override suspend fun addScanned(session: ScanSession, number: Int, pin: ByteArray?, atMs: Long) =
        unlocked("addScanned") { Added("id", AddedStatus.NEW, null) }
    override suspend fun previewImport(sources: List<ImportSource>, secrets: ImportSecrets, consented: Boolean): ImportPreview {
        calls += "previewImport"
        return previews(secrets)
    }

    companion object {
        val REPORT = OpenReport(0, 0, emptyList(), 0, keyCopyUsed = false, snapshotFailed = false, anchorStale = null)

        /** A code that says for which half minute it is. */
        fun coded(id: String, at: Long): CodeRow {
            fun at(step: Long) = TimedCode("$step".padStart(6, '0'), step * 30_000, (step + 1) * 30_000)
            return CodeRow(id, at(at / 30_000), at(at / 30_000 + 1), null)
        }

        fun account(id: String, issuer: String = "ACME", name: String = "ann", groups: List<String> = emptyList()) = Account(
            id, AccountKind.TOTP, issuer, name, Algorithm.SHA1, 6, 30, groups, favorite = false, note = "", icon = null,
            createdAtMs = 0, trashedAtMs = null, usageCount = 0, lastUsedAtMs = null, state = ItemState.OK,
        )

        fun enrolment(id: String, account: String?, logo: ByteArray) = Enrolment(
            id, EnrolmentState.Active, "hours.example", "ACME", "ann", logo, checkNumber = null, createdAtMs = 0,
            lastPollAnsweredMs = null, lastPushReceivedMs = null, hardware = true, mayRenewApprovalKey = false, clockOffsetMs = 0,
            quietUntilMs = null, accountId = account,
        )

        fun way(kind: WayInKind) = WayIn(kind.name, kind, 0, damaged = false)

        fun challenge(id: String, rule: MatchRule = MatchRule.Type(2), quiet: Boolean = false, endsMs: Long = 60_000) = Challenge(
            id, "enrolment", "hours.example", "Hupra", "ann", "Hours", Act.LOGIN, "192.0.2.1", "Utrecht", "Firefox",
            newDevice = false, words = null, details = null, askedAtMs = 0, expiresAtMs = endsMs, rule = rule, quiet = quiet,
        )
    }
}

/** Everything that a test did not fake fails, and says what it was. */
private fun unused(): AuthenticatorInterface = Proxy.newProxyInstance(
    AuthenticatorInterface::class.java.classLoader,
    arrayOf(AuthenticatorInterface::class.java),
) { _, method, _ -> error("${method.name} is not faked") } as AuthenticatorInterface

/** The same by a clock that is [ms] behind. */
private fun CodeRow.back(ms: Long) = copy(code = code?.back(ms), next = next?.back(ms))

private fun TimedCode.back(ms: Long) = copy(validFromMs = validFromMs - ms, validUntilMs = validUntilMs - ms)
