import KlinkCore

/// What is done by itself, after an unlock and while nobody looks: backups that are due, the end of last month's trash, and
/// the codes that extensions have.
public struct Upkeep: Sendable {
    /// What came of it; what failed is said, and is tried again the next time.
    public struct Done: Equatable, Sendable {
        /// Accounts whose time in the trash was over.
        public var erased = 0
        /// The backup that holds everything now; nothing where no folder was chosen.
        public var backup: BackupFile?
        /// What extensions have codes of, and until when; nothing where nothing was chosen.
        public var packed: Packed?
        public var problem: Sentence?
    }

    let core: CoreClient
    let phone: Phone

    public init(core: CoreClient, phone: Phone) {
        self.core = core
        self.phone = phone
    }

    public func run() async -> Done {
        var done = Done()
        do {
            done.packed = try await pack()
            done.erased = Int(try await core.purgeExpired())
            if let folder = phone.backupFolder() { done.backup = try await core.backUp(folder, true).file }
        } catch {
            done.problem = message(for: error)
        }
        return done
    }

    /// A day of codes; the core leaves out what may not lie about.
    @discardableResult
    func pack() async throws -> Packed? {
        let plan = PackPlan(ids: phone.readSettings().widgetAccounts, lengthMs: 86_400_000)
        var packed: Packed?
        for path in ["widget", "autofill"].compactMap(phone.packFile) {
            phone.keepPackKey(try await core.packKey())
            packed = try await core.writePack(path, plan)
        }
        if packed != nil { phone.packsChanged() }
        return plan.ids.isEmpty ? nil : packed
    }
}
