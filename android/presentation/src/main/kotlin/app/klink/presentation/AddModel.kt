package app.klink.presentation

import app.klink.core.Scanned
import kotlinx.coroutines.CoroutineScope

/** The ways to add an account. */
class AddModel(session: Session, scope: CoroutineScope, private val ways: Ways) :
    Standing<AddState, AddEvent>(AddState(session.phone.device.camera), scope) {
    override fun on(event: AddEvent) = when (event) {
        is Go -> ways.go(event.place)
        is Back -> ways.back()
    }
}

/** Where a text from outside leads: to a screen that asks, always. */
internal fun Phone.placeOf(text: String): Place = library.scan().use { session ->
    when (val what = session.takeText(text)) {
        is Scanned.Enrolment -> Place.Enrol(what.text)
        is Scanned.Move -> Place.Move(what.text)
        is Scanned.Account, is Scanned.Migration, is Scanned.PushMatch, is Scanned.VendorPush, is Scanned.Broken,
        is Scanned.AccountWithoutSecret, is Scanned.Passkey, is Scanned.Wifi, is Scanned.Contact, is Scanned.Url,
        is Scanned.OtherLink, is Scanned.Plain,
        -> Place.Scan(text)
    }
}
