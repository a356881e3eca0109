import Foundation

extension Date {
    /// This moment, as the core takes it.
    public var unixMs: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    /// The moment of so many Unix milliseconds.
    public init(unixMs: Int64) { self.init(timeIntervalSince1970: Double(unixMs) / 1000) }
}

extension TimedCode {
    /// The first moment of the code's time step.
    public var validFrom: Date { Date(unixMs: validFromMs) }
    /// The first moment of the time step after it.
    public var validUntil: Date { Date(unixMs: validUntilMs) }
}

extension Codes {
    /// When to ask for codes again; `nil` when none of them changes.
    public var nextChangeAt: Date? { nextChangeAtMs.map(Date.init(unixMs:)) }
}

extension Account {
    /// When the account was added.
    public var createdAt: Date { Date(unixMs: createdAtMs) }
    /// When a code of it was taken last.
    public var lastUsedAt: Date? { lastUsedAtMs.map(Date.init(unixMs:)) }
}

extension Challenge {
    /// When it was asked, by this phone's clock.
    public var askedAt: Date { Date(unixMs: askedAtMs) }
    /// When it ends, by this phone's clock.
    public var expiresAt: Date { Date(unixMs: expiresAtMs) }
}

extension PastAnswer {
    /// When it was asked.
    public var askedAt: Date { Date(unixMs: askedAtMs) }
    /// When its outcome was known.
    public var answeredAt: Date { Date(unixMs: answeredAtMs) }
}

extension GoodBackup {
    /// When it was written, or found to be still good.
    public var at: Date { Date(unixMs: atMs) }
}

extension BackupFile {
    /// When it was written.
    public var createdAt: Date { Date(unixMs: createdAtMs) }
}

extension CopySays {
    /// When it was written.
    public var createdAt: Date { Date(unixMs: createdAtMs) }
}
