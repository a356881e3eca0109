package app.klink.core

import java.nio.file.Files
import java.time.Instant
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** The start of docs/kotlin.md, compiled and run. */
class Sample {
    @Test
    fun sample() = runBlocking {
        case("the sample of the documentation gives a code")
        val folder = Files.createTempDirectory("klink").toString()
        val anchor = MemoryAnchor()
        val keys = SoftKeys()

        val klink = Authenticator(Setup(folder, LocalHosts.REFUSED), anchor, keys)
        klink.create(NewVault(passphrase = "walnut harbour quilt".toByteArray()), Instant.now().unixMs)

        ScanSession().use { session ->
            val found = session.takeText("otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP") as Scanned.Account
            klink.addScanned(session, found.account.number, null, Instant.now().unixMs)
        }
        val codes = klink.codes(Instant.now().unixMs, 0, klink.accounts().map { it.id })
        println("${codes.rows.map { it.code?.text }} until ${codes.nextChangeAt}")

        klink.lock()
        assertEquals(6, codes.rows.single().code?.text?.length)
    }
}
