import Foundation
import KlinkCore

/// What the app asks of the core, as closures: `.live` is the library, `.preview` answers from memory.
///
/// Times and clocks are filled in by `.live`; nothing else is added to what the library offers.
public struct CoreClient: Sendable {
    // The vault.
    public var status: @Sendable () throws -> VaultStatus
    public var create: @Sendable (NewVault) async throws -> Void
    public var unlock: @Sendable (UnlockKey) async throws -> Opened
    public var unlockWithLockOff: @Sendable () async throws -> Opened
    public var lock: @Sendable () -> Void
    public var watch: @Sendable (LockLimits) throws -> Void
    /// Reports what happened; whether the vault was locked because of it.
    public var report: @Sendable (LockEvent) throws -> Bool
    public var nextSteps: @Sendable () async throws -> [NextStep]
    public var accept: @Sendable () async throws -> Void
    public var archivePrevious: @Sendable () async throws -> Void
    public var verify: @Sendable () async throws -> VaultHealth
    public var selfCheck: @Sendable (ShellFacts) async throws -> [CheckLine]

    // Ways in.
    public var confirm: @Sendable (UnlockKey) async throws -> Void
    public var checkWayIn: @Sendable (UnlockKey) async throws -> Void
    public var duties: @Sendable () async throws -> Duties
    public var waysIn: @Sendable () async throws -> [WayIn]
    public var changePassphrase: @Sendable (UnlockKey, Data) async throws -> Void
    public var renewDeviceWayIn: @Sendable (UnlockKey) async throws -> Void
    public var renewRecoveryCode: @Sendable (UnlockKey, TypedBack) async throws -> Void
    public var removeWayIn: @Sendable (UnlockKey, String) async throws -> Void
    public var turnLockOff: @Sendable (UnlockKey) async throws -> Void
    public var turnLockOn: @Sendable (UnlockKey) async throws -> Void
    public var makeRecoveryCode: @Sendable () throws -> String
    public var strength: @Sendable (Data) -> PassphraseStrength

    // Accounts.
    public var accounts: @Sendable () throws -> [Account]
    public var account: @Sendable (String) throws -> Account
    /// An empty query finds all.
    public var search: @Sendable (_ query: String, _ order: ListOrder) throws -> [Account]
    public var trash: @Sendable () throws -> [Account]
    public var codes: @Sendable (_ ids: [String], _ offsetMs: Int64) throws -> Codes
    public var nextCode: @Sendable (String) async throws -> CountedCode
    public var used: @Sendable (String) async throws -> Void
    public var change: @Sendable (String, AccountChange) async throws -> Void
    public var delete: @Sendable (String) async throws -> Void
    public var restore: @Sendable (String) async throws -> Void
    public var purgeExpired: @Sendable () async throws -> Int64
    public var setOrder: @Sendable ([String]) async throws -> Void
    /// After a confirmation: `codes` has it until it ends.
    public var showCode: @Sendable (_ id: String, _ offsetMs: Int64) async throws -> Void
    public var reveal: @Sendable (String) async throws -> Revealed
    public var changes: @Sendable () -> AsyncStream<Change>

    // Groups.
    public var groups: @Sendable () throws -> [AccountGroup]
    public var addGroup: @Sendable (String) async throws -> String
    public var renameGroup: @Sendable (_ id: String, _ name: String) async throws -> Void
    public var deleteGroup: @Sendable (String) async throws -> Void

    // Scanning, importing and exporting.
    public var scanner: @Sendable () -> Scanner
    public var previewImport: @Sendable ([ImportSource], ImportSecrets, _ consented: Bool) async throws -> Preview
    public var exportFormats: @Sendable () -> [ExportFormatInfo]
    public var exportReport: @Sendable (ExportFormat) async throws -> ExportReport
    public var export: @Sendable (ExportOrder) async throws -> Exported

    // To another phone, and from one.
    public var isSending: @Sendable () async throws -> Bool
    public var sending: @Sendable () async throws -> Outgoing?
    public var sendAccounts: @Sendable (MoveWay) async throws -> Outgoing
    public var handedOver: @Sendable (_ typed: String) async throws -> Handed?
    public var stopSending: @Sendable () async throws -> Void
    public var incoming: @Sendable () async throws -> Incoming
    public var takeMoveCode: @Sendable (String) async throws -> Incoming
    public var takeMoveFile: @Sendable (Data) async throws -> Incoming
    public var compareMove: @Sendable () async throws -> Comparison
    public var receiveAccounts: @Sendable () async throws -> Received
    public var stopReceiving: @Sendable () async throws -> Void

    // What extensions have and leave.
    public var packKey: @Sendable () async throws -> Data
    public var writePack: @Sendable (_ path: String, PackPlan) async throws -> Packed
    public var takeSpool: @Sendable (_ folder: String) async throws -> [SpoolMessage]
    public var spoolDone: @Sendable (_ folder: String, _ id: String) async throws -> Void

    // Copies.
    public var backupState: @Sendable () async throws -> BackupState
    public var backUp: @Sendable (any BackupFolder, _ ifDue: Bool) async throws -> BackedUp
    public var snapshots: @Sendable () async throws -> [CopyInfo]
    public var writeBackup: @Sendable (_ path: String) async throws -> CopyInfo
    public var testBackup: @Sendable (_ path: String, UnlockKey) async throws -> BackupTest
    public var compare: @Sendable (_ path: String, UnlockKey?) async throws -> Comparison
    public var merge: @Sendable (_ path: String, UnlockKey?, _ ids: [String]) async throws -> Int64
    public var restoreBackup: @Sendable (_ path: String, UnlockKey) async throws -> Opened
    public var salvagePreview: @Sendable (UnlockKey) async throws -> SalvageProposal
    public var commitSalvage: @Sendable (_ leaveOut: [String], UnlockKey) async throws -> Opened

    // Push.
    public var offer: @Sendable (_ text: String) throws -> Offer
    public var offerByCode: @Sendable (_ host: String, _ code: String) async throws -> Offer
    public var checkOffer: @Sendable (String) async throws -> CheckedOffer
    public var enrol: @Sendable (String, PhoneInfo) async throws -> Enrolled
    public var resumeEnrolment: @Sendable (String) async throws -> Enrolled
    public var enrolments: @Sendable () async throws -> [Enrolment]
    public var challenges: @Sendable () -> AsyncStream<ChallengeEvent>
    /// Asks all services once.
    public var look: @Sendable () async throws -> Challenges
    public var answer: @Sendable (String, Decision) async throws -> Answered
    public var testPush: @Sendable (String) async throws -> TestPush
    public var pushHistory: @Sendable () async throws -> [PastAnswer]
    public var renameEnrolment: @Sendable (_ id: String, _ name: String) async throws -> Void
    public var removeEnrolment: @Sendable (String) async throws -> Void
    public var unenrol: @Sendable (String) async throws -> Void
    public var rotateKey: @Sendable (String, WhichKey) async throws -> Void
    public var mute: @Sendable (_ id: String, _ untilMs: Int64) async throws -> Void
    public var wakeUp: @Sendable (Data) async throws -> String?
    public var changePushEndpoint: @Sendable (_ id: String, String?) async throws -> Void
    /// The key that a service sends wake-ups with; none where it sends none.
    public var pushKey: @Sendable (_ id: String) async throws -> String?
    /// Has a relay wake this phone for who pushes with that key; answers the address for it.
    public var subscribe: @Sendable (_ relay: String, _ token: String, _ pushKey: String) async throws -> String
}

/// One scan: what it found stays with it until it is added. Secrets never leave it.
public struct Scanner: Sendable {
    public var takeFrame: @Sendable (_ luma: Data, _ width: Int32, _ height: Int32, _ stride: Int32) throws -> [ScannedCode]
    public var takePicture: @Sendable (Data) async throws -> [ScannedCode]
    public var takeText: @Sendable (String) -> Scanned
    public var takeKey: @Sendable (EnteredKey) throws -> ScannedAccount
    public var add: @Sendable (_ number: Int32, _ pin: Data?) async throws -> Added
    public var preview: @Sendable () async throws -> Preview
}

/// What an import would add.
public struct Preview: Sendable {
    public var rows: @Sendable () -> [PreviewRow]
    public var problems: @Sendable () -> [ImportProblem]
    public var missingParts: @Sendable () -> [Int32]
    public var setTicked: @Sendable (_ number: Int32, Bool) -> Bool
    public var setPin: @Sendable (_ number: Int32, Data) -> Bool
    public var commit: @Sendable () async throws -> ImportDone
}
