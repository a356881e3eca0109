package app.klink.presentation

import app.klink.core.ExportFormatInfo
import app.klink.core.PassphraseStrength
import app.klink.core.QrCode
import app.klink.core.ScanSession
import app.klink.core.exportFormats
import app.klink.core.makeRecoveryCode
import app.klink.core.passphraseStrength
import app.klink.core.qrCode

/** The library itself. */
object CoreLibrary : Library {
    override fun recoveryCode(): String = makeRecoveryCode()

    override fun strength(passphrase: String): PassphraseStrength = passphraseStrength(passphrase.toByteArray(), emptyList())

    override fun scan() = ScanSession()

    override fun qr(text: String): QrCode? = qrCode(text)

    override fun formats(): List<ExportFormatInfo> = exportFormats()

    override fun licences(): String =
        checkNotNull(ScanSession::class.java.getResource("/licences.txt")) { "it is generated with the library" }.readText()
}
