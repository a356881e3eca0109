package app.klink.presentation

import app.klink.core.PastAnswer

/** The answers of the past 90 days, the newest first. */
data class HistoryState(val answers: List<PastAnswer>?, val problem: Message? = null)

sealed interface HistoryEvent 
