package app.klink.presentation

import app.klink.core.changeFlow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** What was removed, and its way back. */
class TrashModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<TrashState, TrashEvent>(TrashState(emptyList()), scope) {
    private val core = session.phone.core

    init {
        read()
        scope.launch { core.changeFlow().collect { read() } }
    }

    override fun on(event: TrashEvent) = when (event) {
        is TrashEvent.Restore -> once {
            val problem = refused { core.restore(event.id) }
            shown.update { it.copy(problem = problem) }
        }
        is Back -> ways.back()
    }

    private fun read() {
        attempt { core.trash() }.or { null }?.let { rows -> shown.update { it.copy(rows = rows) } }
    }
}
