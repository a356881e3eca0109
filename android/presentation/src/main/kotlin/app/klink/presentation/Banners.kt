package app.klink.presentation

import app.klink.core.BackupTrouble
import app.klink.core.Enrolment
import app.klink.core.EnrolmentState
import app.klink.core.VaultMode
import kotlin.math.abs

/** Which banner stands over the list: one at a time, the worst first. */
internal class Banners(private val session: Session) {
    private val phone = session.phone

    suspend fun worst(services: List<Enrolment>): Banner? =
        ofTheVault() ?: ofTheBackups() ?: ofTheDuties() ?: ofTheServices(services)

    private fun ofTheVault(): Banner? {
        val mode = attempt { phone.core.mode() }.or { return null }
        val report = session.report
        return when {
            mode is VaultMode.ReadOnly -> Banner.ReadOnly(mode.reason)
            report?.snapshotFailed == true -> Banner.SnapshotFailed
            report?.anchorStale != null -> Banner.AnchorStale
            else -> null
        }
    }

    /** Who never chose a folder is not told at every look: the self-check says so. */
    private suspend fun ofTheBackups(): Banner? =
        attempt { phone.core.backupState(phone.clock.now()).trouble }.or { null }?.takeIf { it !is BackupTrouble.Never }?.let(Banner::Backup)

    private suspend fun ofTheDuties(): Banner? {
        val duties = attempt { phone.core.duties(phone.clock.now()) }.or { return null }
        return when {
            duties.renewRecoveryCode -> Banner.RenewRecoveryCode
            duties.checkPassphrase -> Banner.CheckPassphrase
            else -> null
        }
    }

    private fun ofTheServices(services: List<Enrolment>): Banner? {
        val notFinished = services.firstOrNull { it.state is EnrolmentState.Enrolling || it.state is EnrolmentState.PendingTest }
        return when {
            notFinished != null -> Banner.NotFinished(notFinished.id, notFinished.host)
            services.any { abs(it.clockOffsetMs) > CLOCK_MS } -> Banner.ClockOff
            services.isNotEmpty() && phone.device.permission(Asked.NOTIFICATIONS) == Granted.NO -> Banner.NotificationsOff
            else -> null
        }
    }

    /** Where the button of a banner leads. */
    fun mends(banner: Banner): Place = when (banner) {
        is Banner.ReadOnly -> Place.Trouble
        is Banner.SnapshotFailed, is Banner.AnchorStale, is Banner.Backup -> Place.Backup
        is Banner.RenewRecoveryCode -> Place.RecoveryCode
        is Banner.CheckPassphrase, is Banner.ClockOff, is Banner.NotificationsOff -> Place.SelfCheck
        is Banner.NotFinished -> Place.Service(banner.enrolment)
    }

    private companion object {
        /** A clock that is further off makes codes that a service refuses. */
        const val CLOCK_MS = 30_000L
    }
}
