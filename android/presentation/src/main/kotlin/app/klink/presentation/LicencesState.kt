package app.klink.presentation

/** What is linked and under which licence, and what happens to a person's data. */
data class LicencesState(val parts: List<LinkedPart>)

/** One part of someone else's that is in the app. */
data class LinkedPart(val name: String, val licence: String, val source: String)

sealed interface LicencesEvent 
