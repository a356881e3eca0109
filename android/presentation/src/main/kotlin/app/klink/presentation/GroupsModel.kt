package app.klink.presentation

import app.klink.core.VaultMode
import app.klink.core.changeFlow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** The groups: made, renamed, deleted; their accounts stay. */
class GroupsModel(private val session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<GroupsState, GroupsEvent>(GroupsState(emptyList(), readOnly = false), scope) {
    private val core = session.phone.core

    init {
        read()
        scope.launch { core.changeFlow().collect { read() } }
    }

    override fun on(event: GroupsEvent) = when (event) {
        is GroupsEvent.Add -> event.name.trim().let { name -> if (name.isNotEmpty()) does { core.addGroup(name) } else Unit }
        is GroupsEvent.Rename -> does { core.renameGroup(event.id, event.name.trim()) }
        is GroupsEvent.Delete -> shown.update { it.copy(deleting = event.id) }
        is GroupsEvent.ReallyDelete -> shown.value.deleting?.let { id -> does { core.deleteGroup(id) } } ?: Unit
        is GroupsEvent.KeepIt -> shown.update { it.copy(deleting = null) }
        is Back -> ways.back()
    }

    private fun does(what: suspend () -> Unit) = once {
        val problem = refused { what() }
        shown.update { it.copy(deleting = null, problem = problem) }
    }

    private fun read() {
        val rows = attempt {
            val accounts = core.accounts()
            core.groups().map { group -> GroupRow(group, accounts.count { group.id in it.groups }) }
        }.or { return }
        val readOnly = attempt { core.mode() is VaultMode.ReadOnly }.or { true }
        shown.update { it.copy(groups = rows, readOnly = readOnly) }
    }
}
