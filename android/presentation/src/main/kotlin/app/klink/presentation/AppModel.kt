package app.klink.presentation

import app.klink.core.LockEvent
import app.klink.core.ScanSession
import app.klink.core.VaultStatus
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import kotlinx.coroutines.launch

/**
 * The whole app: a stack of places, each with its model, which ends when its place goes.
 *
 * Everything runs on [scope]'s one thread.
 */
class AppModel(private val phone: Phone, scope: CoroutineScope) :
    Standing<AppState, AppEvent>(AppState(Screen.Starting, canGoBack = false, secure = true), scope), Ways {
    private class Stood(val place: Place, val screen: Screen, val scope: CoroutineScope)

    private val session = Session(phone, scope, ::locked)
    private val stack = ArrayDeque<Stood>()

    /** Requests that were opened by themselves once: closed, they are not pushed at the person again. */
    private val offered = mutableSetOf<String>()

    /** Findings of the camera on their way to the import's preview. */
    private var findings: ScanSession? = null

    init {
        replace(start())
        session.renewWakeUps()
        scope.launch { session.requests.collect { seen -> offer(seen) } }
        scope.launch { phone.preferences.now.collect { now -> shown.update { it.copy(secure = !now.screenshots) } } }
    }

    override fun on(event: AppEvent) = when (event) {
        is AppEvent.Back -> back()
        is AppEvent.Text -> arrive(phone.placeOf(event.text))
        is AppEvent.Picture -> arrive(Place.ScanPicture(event.picture))
        is AppEvent.OpenRequest -> show(Place.Approve(event.challenge))
        is AppEvent.Search -> arrive(Place.Accounts)
        is AppEvent.Life -> life(event.event)
        is AppEvent.Upkeep -> upkeep()
        is AppEvent.WakeUp -> wakeUp(event.sealed)
    }

    override fun go(place: Place) = push(place)

    override fun replace(place: Place) {
        while (stack.isNotEmpty()) leave()
        push(place)
    }

    override fun back() {
        if (stack.size < 2) return
        leave()
        draw()
    }

    private fun start(): Place = when (attempt { phone.core.status() }.or { null }) {
        is VaultStatus.NoVault, is VaultStatus.PreviousVault -> Place.FirstStart
        is VaultStatus.Locked -> Place.Unlock()
        is VaultStatus.Unlocked -> Place.Accounts
        // The file is there and does not open.
        null -> Place.Trouble
    }

    /** Something from outside leads to [place], behind the lock and never in front of the first start. */
    private fun arrive(place: Place) {
        when {
            stack.last().place is Place.FirstStart -> Unit
            !session.unlocked() -> replace(Place.Unlock(place))
            else -> {
                replace(Place.Accounts)
                if (place !is Place.Accounts) push(place)
            }
        }
    }

    /** Requests show while the vault is locked: denying needs no key. */
    private fun show(place: Place.Approve) {
        if (stack.last().place is Place.FirstStart || stack.last().place is Place.Approve) return
        push(place)
    }

    private fun offer(seen: Requests) {
        val new = seen.open.filter { !it.quiet && offered.add(it.id) }.firstOrNull() ?: return
        when (stack.last().place) {
            is Place.Accounts, is Place.Enrol, is Place.Service -> push(Place.Approve(new.id))
            else -> Unit
        }
    }

    private fun life(event: LockEvent) {
        when (event) {
            LockEvent.ENTERED_FOREGROUND -> session.look()
            LockEvent.ENTERED_BACKGROUND -> {
                session.lookAway()
                scope.launch { session.backUp() }
            }
            LockEvent.PROMPT_BEGAN, LockEvent.PROMPT_ENDED, LockEvent.USED, LockEvent.SCREEN_OFF -> Unit
        }
        session.report(event)
    }

    private fun upkeep() {
        session.renewWakeUps(afresh = true)
        scope.launch { session.backUp() }
    }

    private fun wakeUp(sealed: ByteArray) {
        scope.launch { if (attempt { phone.core.wakeUp(sealed) }.or { null } != null) session.lookNow() }
    }

    private fun locked() {
        val place = stack.lastOrNull()?.place
        if (place is Place.FirstStart || place is Place.Unlock) return
        // Deeper screens show what belongs to the vault: only the list comes back.
        replace(Place.Unlock(place as? Place.Approve))
    }

    private fun push(place: Place) {
        val own = CoroutineScope(scope.coroutineContext + SupervisorJob(scope.coroutineContext.job))
        stack.addLast(Stood(place, screen(place, own), own))
        draw()
    }

    private fun leave() = stack.removeLast().scope.cancel()

    private fun draw() = shown.update { it.copy(screen = stack.last().screen, canGoBack = stack.size > 1) }

    private fun screen(place: Place, own: CoroutineScope): Screen = when (place) {
        is Place.FirstStart -> Screen.FirstStart(FirstStartModel(session, own, this))
        is Place.Unlock -> Screen.Unlock(UnlockModel(session, own, this, place.then))
        is Place.Accounts -> Screen.Accounts(AccountsModel(session, own, this))
        is Place.Trash -> Screen.Trash(TrashModel(session, own, this))
        is Place.Add -> Screen.Add(AddModel(session, own, this))
        is Place.Scan, is Place.ScanPicture, is Place.Key ->
            ScanModel(session, own, this, place) { findings = it }.let { Screen.Scan(it, it.sight) }
        is Place.Enrol -> Screen.Enrol(EnrolModel(session, own, this, place.link))
        is Place.Approve -> ApproveModel(session, own, this, place.challenge).let { Screen.Approve(it, it) }
        is Place.History -> Screen.History(HistoryModel(session, own, this))
        is Place.Account -> Screen.Account(AccountModel(session, own, this, place.id))
        is Place.Service -> Screen.Service(ServiceModel(session, own, this, place.enrolment))
        is Place.Import -> Screen.Import(ImportModel(session, own, this, findings.also { findings = null }))
        is Place.Backup -> Screen.Backup(BackupModel(session, own, this))
        is Place.Export -> Screen.Export(ExportModel(session, own, this))
        is Place.Move -> MoveModel(session, own, this, place.text).let { Screen.Move(it, it.sight) }
        is Place.SelfCheck -> Screen.SelfCheck(SelfCheckModel(session, own, this))
        is Place.Settings -> Screen.Settings(SettingsModel(session, own, this))
        is Place.Passphrase, is Place.RecoveryCode -> Screen.WayIn(WayInModel(session, own, this, place is Place.RecoveryCode))
        is Place.Trouble -> Screen.Trouble(TroubleModel(session, own, this))
        is Place.Groups -> Screen.Groups(GroupsModel(session, own, this))
        is Place.Licences -> Screen.Licences(LicencesModel(phone.library.licences(), own, this))
    }
}
