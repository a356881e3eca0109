package app.klink.core

import java.time.Instant

/** This moment, as the core takes it. */
val Instant.unixMs: Long get() = toEpochMilli()

/** The first moment of the code's time step. */
val TimedCode.validFrom: Instant get() = Instant.ofEpochMilli(validFromMs)

/** The first moment of the time step after it. */
val TimedCode.validUntil: Instant get() = Instant.ofEpochMilli(validUntilMs)

/** When to ask for codes again; `null` when none of them changes. */
val Codes.nextChangeAt: Instant? get() = nextChangeAtMs?.let(Instant::ofEpochMilli)

/** When the account was added. */
val Account.createdAt: Instant get() = Instant.ofEpochMilli(createdAtMs)

/** When a code of it was taken last. */
val Account.lastUsedAt: Instant? get() = lastUsedAtMs?.let(Instant::ofEpochMilli)

/** When it was asked, by this phone's clock. */
val Challenge.askedAt: Instant get() = Instant.ofEpochMilli(askedAtMs)

/** When it ends, by this phone's clock. */
val Challenge.expiresAt: Instant get() = Instant.ofEpochMilli(expiresAtMs)

/** When it was asked. */
val PastAnswer.askedAt: Instant get() = Instant.ofEpochMilli(askedAtMs)

/** When its outcome was known. */
val PastAnswer.answeredAt: Instant get() = Instant.ofEpochMilli(answeredAtMs)

/** When it was written, or found to be still good. */
val GoodBackup.at: Instant get() = Instant.ofEpochMilli(atMs)

/** When it was written. */
val BackupFile.createdAt: Instant get() = Instant.ofEpochMilli(createdAtMs)

/** When it was written. */
val CopySays.createdAt: Instant get() = Instant.ofEpochMilli(createdAtMs)
