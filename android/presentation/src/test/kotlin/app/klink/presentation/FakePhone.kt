package app.klink.presentation

import app.klink.core.EnteredKey
import app.klink.core.ExportFormat
import app.klink.core.ExportFormatInfo
import app.klink.core.KeySlip
import app.klink.core.NoHandle
import app.klink.core.PassphraseStrength
import app.klink.core.PhoneInfo
import app.klink.core.QrCode
import app.klink.core.ScanException
import app.klink.core.ScanSession
import app.klink.core.Scanned
import app.klink.core.ScannedAccount
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.currentTime

/** A phone without a library: its time is the test's. */
class FakePhone(scope: TestScope) {
    val core = FakeCore()
    val device = FakeDevice()
    val preferences = MemoryPreferences()
    val ways = FakeWays()

    /** What every typed key is. */
    var typed: (EnteredKey) -> ScannedAccount = { throw ScanException.Key(KeySlip.Short) }

    /** What every text is. */
    var text: Scanned = Scanned.Plain

    @OptIn(ExperimentalCoroutinesApi::class)
    val phone = Phone(
        core,
        object : Library {
            override fun recoveryCode() = "AAAA-BBBB"

            override fun strength(passphrase: String) = PassphraseStrength(passphrase.length / 4, passphrase.length > 11)

            override fun qr(text: String) = QrCode(1, byteArrayOf(1))

            override fun formats() = ExportFormat.entries.map { ExportFormatInfo(it, plain = it != ExportFormat.AEGIS) }

            override fun licences() = "a part · MIT · https://example.org/a\nno part"

            override fun scan(): ScanSession = object : ScanSession(NoHandle) {
                override fun takeText(text: String) = this@FakePhone.text

                override fun takeKey(key: EnteredKey) = this@FakePhone.typed(key)

                override fun close() = Unit
            }
        },
        device,
        preferences,
        object : Clock {
            override fun now() = scope.currentTime

            override fun boot() = scope.currentTime
        },
    )

    var locked = 0
    val session = Session(phone, scope.backgroundScope) { locked++ }
}

/** Where models wanted to go. */
class FakeWays : Ways {
    val went = mutableListOf<Place>()
    var backs = 0

    override fun go(place: Place) {
        went += place
    }

    override fun replace(place: Place) {
        went += place
    }

    override fun back() {
        backs++
    }
}

/** Preferences in memory. */
class MemoryPreferences : PreferenceStore {
    override val now = MutableStateFlow(Preferences())

    override fun change(how: (Preferences) -> Preferences) = now.update(how)
}

/** A device that does what a test says, and remembers what it was told. */
class FakeDevice : Device {
    override val phone = PhoneInfo("a phone in a test", "linux", "klink test", null)
    override var biometrics = Biometrics.READY
    override val camera = true
    override var distributors: Distributors = NoDistributors
    var relay: Relay? = null
    val copied = mutableListOf<String>()
    val pages = mutableListOf<SystemPage>()
    val permissions = mutableMapOf<Asked, Granted>()
    var picture: ByteArray? = null
    var files = listOf<PickedFile>()
    val handedOver = mutableListOf<String>()
    val saved = mutableMapOf<String, ByteArray>()
    var folder: String? = null
    var drafts = System.getProperty("java.io.tmpdir") ?: "."

    override suspend fun relay() = relay

    override fun copy(code: String, forMs: Long) {
        copied += code
    }

    override fun permission(which: Asked) = permissions[which] ?: Granted.NOT_YET_ASKED

    override suspend fun ask(which: Asked) = Granted.YES.also { permissions[which] = it }

    override fun openSystemPage(page: SystemPage) {
        pages += page
    }

    override suspend fun pickPicture() = picture

    override suspend fun pickFiles(many: Boolean) = files

    override fun draft(name: String) = "$drafts/$name"

    override suspend fun save(name: String, bytes: ByteArray): Boolean = true.also { saved[name] = bytes.clone() }

    override suspend fun pickFolder() = folder

    override suspend fun handOver(path: String, name: String): Boolean = handedOver.add(path)
}
