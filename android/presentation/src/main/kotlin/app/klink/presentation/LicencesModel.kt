package app.klink.presentation

import kotlinx.coroutines.CoroutineScope

/** What is linked: one line for each part, as `name · licence · source` in [text]. */
class LicencesModel(text: String, scope: CoroutineScope, private val ways: Ways) :
    Standing<LicencesState, LicencesEvent>(LicencesState(parts(text)), scope) {
    override fun on(event: LicencesEvent) = when (event) {
        is Back -> ways.back()
    }
}

private fun parts(text: String): List<LinkedPart> = text.lines().mapNotNull { line ->
    val fields = line.split(" · ")
    if (fields.size == 3) LinkedPart(fields[0], fields[1], fields[2]) else null
}
