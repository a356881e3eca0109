package app.klink.presentation

import app.klink.core.Account
import app.klink.core.AccountGroup
import app.klink.core.CodeRow
import app.klink.core.CountedCode
import java.text.Collator

/** What of the list is wanted. */
internal data class Wanted(
    val query: String = "",
    val group: String? = null,
    val onlyFavorites: Boolean = false,
)

/** The accounts that are wanted, as they are sorted. */
internal fun List<Account>.picked(wanted: Wanted, sort: Sort): List<Account> = filter { account ->
    (wanted.group == null || wanted.group in account.groups) && (!wanted.onlyFavorites || account.favorite)
}.sortedWith(order(sort))

private fun order(sort: Sort): Comparator<Account> = when (sort) {
    Sort.OWN_ORDER -> Comparator { _, _ -> 0 }
    Sort.NAME -> Collator.getInstance().let { names ->
        Comparator<Account> { a, b -> names.compare(a.issuer, b.issuer) }
            .thenComparator { a, b -> names.compare(a.accountName, b.accountName) }
    }
    Sort.MOST_USED -> compareByDescending { it.usageCount }
    Sort.LAST_USED -> compareByDescending { it.lastUsedAtMs ?: 0 }
}

/** What stands where the code is. */
internal fun RowCode(
    row: CodeRow?,
    last: CountedCode?,
    hidden: Boolean,
    showNext: Boolean,
    nowMs: Long,
): RowCode {
    val code = row?.code
    val none = row?.noCode
    return when {
        code != null && hidden -> RowCode.Hidden(code)
        code != null -> RowCode.Shown(code, row.next.takeIf { showNext && code.validUntilMs - nowMs <= NEXT_MS })
        none == app.klink.core.NoCode.COUNTS -> RowCode.Counts(last)
        else -> RowCode.None(none ?: app.klink.core.NoCode.UNREADABLE)
    }
}

/** Says for rows with equal names what tells them apart. */
internal fun told(accounts: List<Account>, groups: List<AccountGroup>): Map<String, Told> {
    val names = groups.associate { it.id to it.name }
    return accounts.groupBy { it.issuer to it.accountName }.values.filter { it.size > 1 }.flatMap { same ->
        val byGroup = same.map { account -> account.groups.firstNotNullOfOrNull(names::get) }
        val groupsTell = null !in byGroup && byGroup.toSet().size == same.size
        same.mapIndexed { index, account ->
            val group = byGroup[index]
            account.id to if (groupsTell && group != null) Told.ByGroup(group) else Told.ByNumber(index + 1, same.size)
        }
    }.toMap()
}

/** For so long before its end a code has the next one beside it. */
private const val NEXT_MS = 5_000L
