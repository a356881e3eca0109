#if DEBUG
import Foundation
import KlinkCore

// What previews and tests show: a few people's accounts that nobody has.

/// The moment of every preview: 15 January 2027, 08:00:10 UTC.
public let previewMs: Int64 = 1_800_000_010_000

extension Account {
    public static func sample(
        _ id: String, _ issuer: String, _ name: String, kind: AccountKind = .totp, groups: [String] = [],
        favorite: Bool = false, state: ItemState = .ok, trashedAtMs: Int64? = nil, usageCount: Int64 = 0,
        asksEveryTime: Bool = false, apart: Apart? = nil
    ) -> Self {
        Self(
            id: id, kind: kind, issuer: issuer, accountName: name, algorithm: .sha1, digits: 6,
            periodS: kind == .hotp ? nil : 30, groups: groups, favorite: favorite, note: "", icon: nil,
            createdAtMs: previewMs - 86_400_000, trashedAtMs: trashedAtMs, usageCount: usageCount, lastUsedAtMs: nil,
            state: state, asksEveryTime: asksEveryTime, apart: apart)
    }

    public static let samples: [Self] = [
        .sample("a1", "Hupra", "ann@hupra.example", groups: ["g1"], favorite: true),
        .sample("a2", "Harbour Bank", "ann", usageCount: 3),
        .sample("a3", "Wren Mail", "ann@wren.example", groups: ["g2"]),
        .sample("a4", "Old Router", "admin", kind: .hotp),
    ]

    /// The same, of which these ask every time.
    public static func samples(asking ids: [String]) -> [Self] {
        samples.map {
            .sample(
                $0.id, $0.issuer, $0.accountName, kind: $0.kind, groups: $0.groups, favorite: $0.favorite, usageCount: $0.usageCount,
                asksEveryTime: ids.contains($0.id))
        }
    }
}

extension Codes {
    /// The same, without those of these accounts, which ask.
    public func without(_ ids: [String]) -> Self {
        Self(
            rows: rows.map { ids.contains($0.id) ? CodeRow(id: $0.id, code: nil, next: nil, noCode: .asksEveryTime) : $0 },
            nextChangeAtMs: nextChangeAtMs)
    }
}

extension AccountGroup {
    public static let samples: [Self] = [Self(id: "g1", name: "Work"), Self(id: "g2", name: "Home")]
}

extension Challenge {
    public static func sample(
        _ id: String = "c1", act: Act = .login, rule: MatchRule = .type(digits: 2), newDevice: Bool = false,
        enrolment: String = "e1"
    ) -> Self {
        Self(
            id: id, enrolmentId: enrolment, host: "login.hupra.example", service: "Hupra", accountName: "ann", application: "Hours",
            act: act, address: "192.0.2.7", place: "Utrecht", device: "Firefox, Linux", newDevice: newDevice, words: nil,
            details: nil, askedAtMs: previewMs - 5_000, expiresAtMs: previewMs + 55_000, rule: rule, quiet: false)
    }
}

extension Enrolment {
    public static func sample(
        _ state: EnrolmentState = .active, id: String = "e1", service: String = "Hupra", accountName: String = "ann", logo: Data? = nil,
        pushEndpoint: String? = nil, accountId: String? = "a1"
    ) -> Self {
        Self(
            id: id, state: state, host: "login.hupra.example", service: service, accountName: accountName, logo: logo, checkNumber: nil,
            createdAtMs: previewMs - 86_400_000, lastPollAnsweredMs: previewMs - 3_000, lastPushReceivedMs: nil, hardware: true,
            mayRenewApprovalKey: false, clockOffsetMs: 0, quietUntilMs: nil, pushEndpoint: pushEndpoint, accountId: accountId)
    }
}

extension PastAnswer {
    public static func sample(_ kind: AnswerKind, _ outcome: Outcome, minutesAgo: Int64) -> Self {
        Self(
            enrolmentId: "e1", service: "Hupra", accountName: "ann", kind: kind, outcome: outcome, application: "Hours",
            place: "Utrecht", device: "Firefox, Linux", askedAtMs: previewMs - minutesAgo * 60_000,
            answeredAtMs: previewMs - minutesAgo * 60_000 + 8_000)
    }
}

extension CopyInfo {
    public static func sample(_ number: Int32 = 1) -> Self {
        Self(
            number: number, path: "snapshots/\(number).akb", bytes: 20_480,
            says: CopySays(vaultId: "v1", createdAtMs: previewMs - 3_600_000, accounts: 4, opensWith: WayIn.samples), state: .whole)
    }
}

extension WayIn {
    public static let samples: [Self] = [
        Self(id: "w1", kind: .passphrase, createdAtMs: previewMs - 86_400_000, damaged: false),
        Self(id: "w2", kind: .recoveryCode, createdAtMs: previewMs - 86_400_000, damaged: false),
        Self(id: "w3", kind: .device, createdAtMs: previewMs - 86_400_000, damaged: false),
    ]
}

extension ScannedAccount {
    public static func sample(needsPin: Bool = false) -> Self {
        Self(
            number: 0, kind: needsPin ? .motp : .totp, issuer: "Harbour Bank", accountName: "ann", algorithm: .sha1, digits: 6,
            periodS: 30, needsPin: needsPin)
    }
}

extension PreviewRow {
    public static func sample(_ number: Int32, _ issuer: String, _ status: PreviewStatus = .new) -> Self {
        let isDuplicate = if case .duplicate = status { true } else { false }
        return Self(
            number: number, place: ImportPlace(source: 0, entry: number + 1, name: issuer, byte: nil), status: status,
            ticked: !isDuplicate, kind: .totp, issuer: issuer, accountName: "ann", algorithm: .sha1, digits: 6, periodS: 30, groups: [],
            favorite: false, note: "", trashed: false)
    }

    public static let samples: [Self] = [
        .sample(0, "Harbour Bank"), .sample(1, "Hupra", .duplicate(other: .inVault(id: "a1"))),
        .sample(2, "Wren Mail", .sameSecretOtherName(other: .inVault(id: "a3"))),
        .sample(3, "Old Router", .sameNameOtherSecret(other: .inVault(id: "a4"))),
    ]
}

extension Opened {
    public static func sample(_ mode: VaultMode = .readWrite) -> Self {
        Self(
            mode: mode,
            report: OpenReport(
                accounts: 4, trashed: 0, damaged: [], ahead: 0, keyCopyUsed: false, snapshotFailed: false, anchorStale: nil))
    }
}

extension VaultHealth {
    public static func sample(problems: [VaultProblem] = [], lastGoodCopyAtMs: Int64? = previewMs - 3_600_000) -> Self {
        Self(
            mode: .readWrite, accounts: 4, damaged: [], problems: problems, snapshots: [.sample()],
            lastGoodCopyAtMs: lastGoodCopyAtMs, quarantined: 0)
    }
}

extension BackupTest {
    public static func sample(unknown: Int64 = 0, damaged: [String] = []) -> Self {
        Self(
            vaultId: "v1", createdAtMs: previewMs - 3_600_000, accounts: 4, trashed: 1, unknown: unknown, damaged: damaged,
            openedBy: WayIn.samples[0], opensWith: WayIn.samples)
    }
}

extension Comparison {
    public static let sample = Self(
        rows: [
            ComparedAccount(account: Account.samples[1], status: .missing, proposed: true),
            ComparedAccount(account: Account.samples[2], status: .same, proposed: false),
            ComparedAccount(account: Account.samples[3], status: .counterForked(here: "4", there: "6"), proposed: true),
        ], onlyHere: 1, sameBranch: true)
}

extension SalvageProposal {
    public static let sample = Self(
        quarantine: "quarantine/1", snapshot: .sample(),
        rows: [
            SalvagedAccount(account: Account.samples[0], source: .file),
            SalvagedAccount(account: Account.samples[1], source: .snapshotForDamaged),
        ], lost: ["a9"])
}

extension CheckLine {
    public static let samples = [
        Self(what: .screenLock, state: .good), Self(what: .vault, state: .good), Self(what: .clock, state: .notKnown),
        Self(what: .backup, state: .better(advice: .backUp)), Self(what: .camera, state: .bad(advice: .allowInSettings)),
    ]
}

extension ExportFormatInfo {
    public static let samples: [Self] = [ExportFormat.uriList, .aegis, .googleMigration, .sheet, .cxf, .codes].map {
        Self(format: $0, plain: $0 != .aegis)
    }
}

extension ExportReport {
    public static let sample = Self(
        written: ["a1", "a2", "a3"], leftOut: [LeftOutAccount(id: "a4", why: .kind)], lost: [LostDetail(what: .groups, accounts: 2)])
}

extension Outgoing {
    public static func sample(_ way: MoveWay = .codes) -> Self {
        way == .codes
            ? Self(codes: ["one", "two", "three"], file: nil, accounts: 4, leftOut: [])
            : Self(codes: ["one"], file: Data("sealed".utf8), accounts: 4, leftOut: ["a4"])
    }
}

extension Incoming {
    public static func sample(taken: Int64 = 0, missing: [Int32] = [2, 3], wantsFile: Bool = false, code: MoveCodeTaken? = nil) -> Self {
        taken == 0
            ? Self(code: nil, taken: 0, codes: nil, missing: [], wantsFile: nil, accounts: nil)
            : Self(code: code ?? .new, taken: taken, codes: 3, missing: missing, wantsFile: wantsFile, accounts: 4)
    }
}

extension Received {
    public static let sample = Self(
        receipt: "042817", arrived: 4, of: 4, renew: [Renewal(host: "login.hupra.example", service: "Hupra", accountName: "ann")])
}
#endif
