package app.klink

import app.klink.core.DeviceKeys
import app.klink.core.LocalHosts
import app.klink.core.NewVault
import app.klink.core.ScanSession
import app.klink.core.Scanned
import app.klink.core.SoftKeys
import app.klink.core.TypedBack
import app.klink.core.UnlockKey
import app.klink.core.makeRecoveryCode
import kotlinx.coroutines.cancel
import kotlinx.coroutines.runBlocking

/** The app with keys in memory, because Robolectric has no Keystore. Everything else is what a phone runs. */
class TestApp : KlinkApp() {
    val soft = SoftKeys()

    /** What opens the vault of [seed]. */
    lateinit var code: String

    override fun keys(): DeviceKeys = soft

    /** The reference service stands on this machine. */
    override val localHosts get() = LocalHosts.ALLOWED

    /** Makes a vault that is open, without the screens of the first start. */
    fun seed() = runBlocking {
        code = makeRecoveryCode()
        parts.core.create(NewVault(recoveryCode = TypedBack(code, code)), System.currentTimeMillis())
        Unit
    }

    fun unlock() = runBlocking {
        parts.core.unlock(UnlockKey.RecoveryCode(code), System.currentTimeMillis(), 0)
        Unit
    }

    /** Adds the account of a link, as a person who was asked. */
    fun add(link: String): String = runBlocking {
        ScanSession().use { session ->
            val found = session.takeText(link) as Scanned.Account
            parts.core.addScanned(session, found.account.number, null, System.currentTimeMillis()).id
        }
    }

    /** The process ends, as the system ends one that it has no room for, and the next one begins. */
    fun die() {
        parts.scope.cancel()
        parts.core.close()
        begin()
    }
}
