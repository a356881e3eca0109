import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

/// Every error that the library can give. `everyErrorOfTheLibraryIsListed` counts them against the library's own list.
let everyError: [any Error] = {
    var all: [any Error] = []
    let vault: [VaultError] = [.Locked, .NotConfirmed, .WrongKey, .TooSoon(waitMs: 1), .Internal(report: "r")]
    all += vault as [any Error]
    let states: [StateTrouble] = [.alreadyUnlocked, .suspended, .noVault, .vaultExists, .previousVault(vaultId: "v")]
    for state in states { all.append(VaultError.WrongState(state: state)) }
    let slips: [RecoveryCodeSlip] = [.character(place: 0), .length(letters: 3), .check, .differs]
    for slip in slips { all.append(VaultError.RecoveryCode(slip: slip)) }
    let ways: [WayInTrouble] = [.none, .damaged, .tooExpensive, .needsPortable]
    for why in ways { all.append(VaultError.WayIn(why: why)) }
    let reasons: [ReadOnlyReason] = [
        .newerFormat, .damagedRows, .tampered, .rolledBack, .otherBranch, .noAnchor, .anchorTorn, .anchorUnavailable,
    ]
    for reason in reasons { all.append(VaultError.ReadOnly(reason: reason)) }
    let accounts: [AccountTrouble] = [.notThere, .noSuchGroup, .unreadable, .doesNotCount, .counterAtEnd, .tooLarge]
    for why in accounts { all.append(VaultError.Account(why: why)) }
    let noCodes: [NoCode] = [.counts, .needsPin, .unreadable, .badTime, .noSuchCode, .asksEveryTime]
    for why in noCodes { all.append(VaultError.Account(why: .noCode(why: why))) }
    let storage: [StorageTrouble] = [.busy, .diskFull, .changedOutside, .damaged, .notReadable, .noRandomness, .tooLarge, .generations]
    for why in storage { all.append(VaultError.Storage(why: why)) }
    let keys: [KeyStoreError] = [.Unavailable, .Cancelled, .LockedOut, .Invalidated, .Missing, .HardwareFault]
    for kind in keys {
        all.append(kind)
        all.append(VaultError.KeyStore(kind: kind))
        all.append(PushError.KeyStore(kind: kind))
    }
    let scans: [ScanError] = [.Empty, .Shape, .TooLarge, .Format, .Damaged]
    all += scans as [any Error]
    let slipsOfKeys: [KeySlip] = [.empty, .character(place: 0), .notHex, .short, .digits, .period, .counter, .kind]
    for slip in slipsOfKeys { all.append(ScanError.Key(slip: slip)) }
    let folders: [FolderError] = [.Unavailable, .Full, .NotFound, .AlreadyExists, .Unsupported, .NotWhole, .Failed]
    for why in folders { all.append(VaultError.Storage(why: .folder(why: why))) }
    let place = ImportPlace(source: 0, entry: nil, name: "", byte: nil)
    let transfers: [TransferError] = [
        .NotRecognised, .NeedsPassword(format: .keePass, needs: .password), .NeedsPassword(format: .keePass, needs: .keyFile),
        .WrongPassword(format: .aegis), .Damaged(format: .aegis, place: place),
        .NotReadable(format: .authy, why: .newerVersion(version: 9)),
        .NotReadable(format: .authy, why: .closed(reason: .deviceBound)),
        .TooExpensive(format: .keePass, memoryBytes: 536_870_912, passes: 4), .Used, .Vault(why: .Locked), .Internal(report: "r"),
    ]
    all += transfers as [any Error]
    let sources: [SourcesTrouble] = [
        .tooLarge(bytes: 1), .tooMany(files: 1_001), .twoFormats(one: .aegis, other: .authy), .stranger(format: .authy, number: 1),
        .stopped,
    ]
    for why in sources { all.append(TransferError.Sources(why: why)) }
    let exports: [ExportTrouble] = [.emptyPassword, .outOfMemory, .stopped]
    for why in exports { all.append(TransferError.Export(why: why)) }
    let moves: [MoveTrouble] = [.incomplete, .otherFile, .damaged, .tooManyParts(parts: 90), .notACode, .newer, .misread]
    for why in moves { all.append(TransferError.Move(why: why)) }
    let push: [PushError] = [
        .Locked, .UpdateApp, .NotBelieved(report: "r"), .Revoked, .Vault(why: .Locked), .Internal(report: "r"),
        .Service(status: 500, code: "", retryAfterS: nil), .Service(status: 429, code: "slow_down", retryAfterS: 3),
    ]
    all += push as [any Error]
    let absent: [AbsentTrouble] = [.anyEnrolment, .enrolment, .request, .offer]
    for what in absent { all.append(PushError.NotThere(what: what)) }
    let offers: [OfferTrouble] = [.link, .host, .forged, .expired, .keyKind]
    for why in offers { all.append(PushError.Offer(why: why)) }
    let numbers: [NumberTrouble] = [.digits(digits: 2), .notAnOption, .scanOnly, .kind, .otherRequest]
    for why in numbers { all.append(PushError.Number(why: why)) }
    let network: [NetworkTrouble] = [.notAllowed, .noConnection, .noReply, .noTrust]
    for why in network { all.append(PushError.Network(why: why)) }
    let tls: [TlsRefusal] = [.expired, .notYetValid, .wrongHost, .unknownAuthority, .revoked, .badCertificate, .noCommonTls]
    for why in tls { all.append(PushError.Network(why: .tls(why: why))) }
    return all
}()

/// What the core says that is no error: outcomes, hints, steps, states.
let everyState: [Sentence] = {
    var all: [Sentence] = []
    let outcomes: [Outcome] = [
        .approved, .denied, .reported, .wrongMatch, .elsewhere, .expired, .replaced, .cancelled, .dropped,
    ]
    for outcome in outcomes { all.append(message(for: outcome)) }
    let hints: [VendorHint] = [.useDifferentApp, .chooseGoogleAuthenticator, .lookForCodes, .vendorAppOnly]
    for hint in hints { all.append(message(for: hint)) }
    let steps: [NextStep] = [
        .tryAgain, .updateApp, .accept, .acceptAndMerge(number: 1), .salvage, .restore(number: 1), .backUp, .startNew,
    ]
    for step in steps { all.append(message(for: step)) }
    let states: [EnrolmentState] = [
        .enrolling, .pendingTest, .active, .needsApprovalKey, .revoked(reason: nil), .failed(reason: "r"), .damaged,
    ]
    for state in states { all.append(message(for: state)) }
    let advice: [Advice] = [
        .setScreenLock, .keysInSoftware, .restartDevice, .unlock, .seeVault, .makeRoom, .setClock, .allow, .allowInSettings,
        .liftBatteryRestriction, .switchOffHibernation, .openToSee, .sendTest, .backUp, .typePassphrase,
    ]
    for advice in advice { all.append(message(for: advice)) }
    let leftOut: [LeftOut] = [.kind, .algorithm, .digits, .period, .counter, .needsPin, .secret, .tooLong, .unreadable]
    for why in leftOut { all.append(message(for: why)) }
    let lost: [Lost] = [.note, .groups, .favorite, .asksEveryTime, .icon, .usage, .extra, .spelling]
    for what in lost { all.append(message(for: LostDetail(what: what, accounts: 2))) }
    let backups: [BackupTrouble] = [
        .never, .old(ageMs: 691_200_000), .failing(sinceMs: 1, atMs: 2, why: .vault),
        .failing(sinceMs: 1, atMs: 2, why: .folder(why: .Full)),
    ]
    for trouble in backups { all.append(message(for: trouble)) }
    return all
}()

@Suite struct MessagesTests {
    @Test func noTwoErrorsThatNeedDifferentActsShareASentence() {
        let keys = everyError.map { message(for: $0).key }
        #expect(!keys.contains(""))
        // The same trouble reaches a screen on several ways: as it is, and inside of another error.
        #expect(Set(keys).count == 121)
    }

    @Test func statesThatNeedDifferentWordsShareNone() {
        // Settings that a format lacks, and what holds the app back, are one thing to a person.
        #expect(Set(everyState.map(\.key)).count == 59)
    }

    @Test func whatIsNoErrorOfOursIsInternal() {
        struct Odd: Error {}
        #expect(message(for: Odd()) == Sentence("error.internal", .text("")))
    }

    @Test func valuesReachTheSentence() {
        #expect(message(for: VaultError.TooSoon(waitMs: 1_001)).values == [.count(2)])
        #expect(message(for: PushError.Service(status: 403, code: "limit", retryAfterS: nil)).values == [.text("limit")])
        #expect(message(for: PushError.Service(status: 403, code: "limit", retryAfterS: 30)).key == "error.push.service_later")
    }

    /// A case that the library gets and nobody lists here: the switch in Messages.swift does not compile, and this fails.
    @Test func everyErrorOfTheLibraryIsListed() throws {
        for (name, count) in [
            ("VaultError", 12), ("PushError", 12), ("ScanError", 6), ("TransferError", 12), ("KeyStoreError", 6), ("StateTrouble", 5),
            ("RecoveryCodeSlip", 4), ("WayInTrouble", 4), ("ReadOnlyReason", 8), ("AccountTrouble", 7), ("NoCode", 6),
            ("StorageTrouble", 9), ("KeySlip", 8), ("FolderError", 7), ("SourcesTrouble", 5), ("ExportTrouble", 3), ("MoveTrouble", 7), ("AbsentTrouble", 4), ("OfferTrouble", 5), ("NumberTrouble", 5), ("NetworkTrouble", 5),
            ("TlsRefusal", 7), ("Outcome", 9), ("VendorHint", 4), ("NextStep", 8), ("EnrolmentState", 7),
            ("Advice", 15), ("LeftOut", 9), ("Lost", 8), ("BackupTrouble", 3), ("BackupFailure", 2), ("CheckItem", 11), ("ExportFormat", 6),
        ] {
            #expect(try Self.cases(of: name) == count, "\(name)")
        }
    }

    /// Counts the cases of an enum in the list of what the library offers.
    static func cases(of name: String) throws -> Int {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let api = try String(contentsOf: here.appendingPathComponent("../../../bindings/api/swift.api"), encoding: .utf8)
        let lines = api.split(separator: "\n").drop { !$0.hasPrefix("public enum \(name):") }.dropFirst()
        return lines.prefix { $0.hasPrefix("    ") }.filter { $0.hasPrefix("    case ") }.count
    }
}
