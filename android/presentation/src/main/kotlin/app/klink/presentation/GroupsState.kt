package app.klink.presentation

import app.klink.core.AccountGroup

/** The groups, in their order. */
data class GroupsState(
    val groups: List<GroupRow>,
    val readOnly: Boolean,
    /** This one is about to be deleted. */
    val deleting: String? = null,
    val problem: Message? = null,
)

/** A group and how many accounts are in it. */
data class GroupRow(val group: AccountGroup, val accounts: Int)

sealed interface GroupsEvent {
    data class Add(val name: String) : GroupsEvent

    data class Rename(val id: String, val name: String) : GroupsEvent

    data class Delete(val id: String) : GroupsEvent

    data object ReallyDelete : GroupsEvent

    data object KeepIt : GroupsEvent
}
