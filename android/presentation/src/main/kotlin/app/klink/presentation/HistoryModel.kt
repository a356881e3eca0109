package app.klink.presentation

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** What this phone answered. */
class HistoryModel(session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<HistoryState, HistoryEvent>(HistoryState(null), scope) {
    init {
        scope.launch {
            shown.value = when (val came = attempt { session.phone.core.pushHistory() }) {
                is Attempt.Done -> HistoryState(came.value)
                is Attempt.Refused -> HistoryState(emptyList(), came.message)
            }
        }
    }

    override fun on(event: HistoryEvent) = when (event) {
        is Back -> ways.back()
    }
}
