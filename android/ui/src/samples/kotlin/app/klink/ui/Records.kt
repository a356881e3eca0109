package app.klink.ui

import app.klink.core.Account
import app.klink.core.AccountGroup
import app.klink.core.AccountKind
import app.klink.core.Act
import app.klink.core.Algorithm
import app.klink.core.AnswerKind
import app.klink.core.Apart
import app.klink.core.BackupTest
import app.klink.core.Challenge
import app.klink.core.CopyInfo
import app.klink.core.CopySays
import app.klink.core.Enrolment
import app.klink.core.EnrolmentState
import app.klink.core.ItemState
import app.klink.core.MatchRule
import app.klink.core.Outcome
import app.klink.core.PastAnswer
import app.klink.core.SnapshotState
import app.klink.core.TimedCode
import app.klink.core.WayIn
import app.klink.core.WayInKind
import app.klink.presentation.AccountRow
import app.klink.presentation.Distributor
import app.klink.presentation.RowCode

/** A Tuesday at half past nine, in milliseconds since 1970. */
const val NOW = 1_795_512_600_000L

/** An account of the sample list. */
fun account(
    id: Int, issuer: String, name: String, favorite: Boolean = false, kind: AccountKind = AccountKind.TOTP, apart: Apart? = null,
) = Account(
    id = "account $id", kind = kind, issuer = issuer, accountName = name, algorithm = Algorithm.SHA1, digits = 6,
    periodS = 30, groups = if (id == 1) listOf("g1") else emptyList(), favorite = favorite, note = "", icon = null,
    createdAtMs = NOW - 90L * 86_400_000, trashedAtMs = null, usageCount = 3, lastUsedAtMs = NOW - 60_000, state = ItemState.OK,
    apart = apart,
)

/** A row whose code has [leftMs] milliseconds to go. */
fun row(account: Account, code: String, leftMs: Long = 19_000, next: String? = null) = AccountRow(
    account,
    RowCode.Shown(
        TimedCode(code, NOW + leftMs - 30_000, NOW + leftMs),
        next?.let { TimedCode(it, NOW + leftMs, NOW + leftMs + 30_000) },
    ),
)

/** The sample groups. */
val GROUPS = listOf(AccountGroup("g1", "Work"), AccountGroup("g2", "Home"))

/** A sign-in that is asked about. */
fun challenge(
    rule: MatchRule = MatchRule.Type(2),
    act: Act = Act.LOGIN,
    newDevice: Boolean = false,
    words: String? = null,
) = Challenge(
    id = "request", enrolmentId = "enrolment", host = "login.hupra.example", service = "Hupra", accountName = "ann@hupra.example",
    application = "Hours", act = act, address = "198.51.100.7", place = "Utrecht, Netherlands", device = "Firefox on Linux",
    newDevice = newDevice, words = words, details = null, askedAtMs = NOW - 18_000, expiresAtMs = NOW + 42_000, rule = rule,
    quiet = false,
)

/** A service in the state [state]. */
fun enrolment(state: EnrolmentState = EnrolmentState.Active) = Enrolment(
    id = "enrolment", state = state, host = "login.hupra.example", service = "Hupra", accountName = "ann@hupra.example",
    logo = null, checkNumber = null, createdAtMs = NOW, lastPollAnsweredMs = NOW, lastPushReceivedMs = NOW, hardware = true,
    mayRenewApprovalKey = state == EnrolmentState.NeedsApprovalKey, clockOffsetMs = 0, quietUntilMs = null,
)

/** An answer of the past. */
fun past(outcome: Outcome, kind: AnswerKind) = PastAnswer(
    enrolmentId = "enrolment", service = "Hupra", accountName = "ann@hupra.example", kind = kind, outcome = outcome,
    application = "Hours", place = "Utrecht, Netherlands", device = "Firefox on Linux", askedAtMs = NOW - 100_000,
    answeredAtMs = NOW - 90_000,
)

/** Who could bring wake-ups; two call themselves the same. */
val DISTRIBUTORS = listOf(
    Distributor("io.heckel.ntfy", "ntfy"), Distributor("org.example.post", "Post"), Distributor("org.example.other", "Post"),
)

/** The ways into the sample vault. */
val WAYS_IN = listOf(
    WayIn("w1", WayInKind.PASSPHRASE, NOW, false), WayIn("w2", WayInKind.RECOVERY_CODE, NOW, false),
    WayIn("w3", WayInKind.DEVICE, NOW, false),
)

/** What a test of a backup found: twelve accounts and two in the trash, less what is [damaged]. */
fun backupTest(damaged: List<String>, unknown: Long) =
    BackupTest("vault", NOW - 86_400_000, 12, 2, unknown, damaged, WAYS_IN[0].copy(createdAtMs = NOW - 172_800_000), WAYS_IN)

/** A safety copy. */
fun copy(number: Int, state: SnapshotState = SnapshotState.WHOLE) = CopyInfo(
    number, "/copies/$number", 20_480, CopySays("vault", NOW - number * 86_400_000L, 12, WAYS_IN), state,
)
