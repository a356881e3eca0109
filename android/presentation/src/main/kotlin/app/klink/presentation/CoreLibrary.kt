package app.klink.presentation

import app.klink.core.PassphraseStrength
import app.klink.core.ScanSession
import app.klink.core.makeRecoveryCode
import app.klink.core.passphraseStrength

/** The library itself. */
object CoreLibrary : Library {
    override fun recoveryCode(): String = makeRecoveryCode()

    override fun strength(passphrase: String): PassphraseStrength = passphraseStrength(passphrase.toByteArray(), emptyList())

    override fun scan() = ScanSession()

    override fun licences(): String =
        checkNotNull(ScanSession::class.java.getResource("/licences.txt")) { "it is generated with the library" }.readText()
}
