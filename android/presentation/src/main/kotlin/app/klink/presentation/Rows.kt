package app.klink.presentation

import app.klink.core.Account
import app.klink.core.CodeRow
import app.klink.core.CountedCode

/** What of the list is wanted. */
internal data class Wanted(
    val query: String = "",
    val group: String? = null,
    val onlyFavorites: Boolean = false,
)

/** The accounts that are wanted. */
internal fun List<Account>.picked(wanted: Wanted): List<Account> = filter { account ->
    (wanted.group == null || wanted.group in account.groups) && (!wanted.onlyFavorites || account.favorite)
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

/** For so long before its end a code has the next one beside it. */
private const val NEXT_MS = 5_000L
