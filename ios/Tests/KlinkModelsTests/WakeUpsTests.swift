import Foundation
import KlinkCore
import Testing
@testable import KlinkModels

/// Where services send wake-ups: an address for each, told once, and again when the system calls the phone something else.
@MainActor @Suite struct WakeUpsTests {
    let calls = Calls()
    let token = Kept<String?>("0a0b")
    let relay = Kept<String?>("https://relay.example")
    let keptToken = Kept<String?>(nil)

    var phone: Phone {
        var phone = Phone.preview
        let (token, relay, keptToken) = (token, relay, keptToken)
        phone.relay = { relay.value }
        phone.pushToken = { token.value }
        phone.keptToken = { keptToken.value }
        phone.keepToken = { keptToken.value = $0 }
        return phone
    }

    var core: CoreClient {
        var core = CoreClient.preview
        let calls = calls
        core.enrolments = {
            [.sample(.active, id: "e1"), .sample(.revoked(reason: nil), id: "e2"), .sample(.pendingTest, id: "e3"), .sample(id: "e4")]
        }
        core.pushKey = { $0 == "e4" ? nil : "key of \($0)" }
        core.subscribe = { relay, token, key in
            calls.note("\(relay) \(token) \(key)")
            return "https://relay.example/\(key.suffix(2))"
        }
        core.changePushEndpoint = { id, address in calls.note("\(id) \(address ?? "nowhere")") }
        return core
    }

    @Test func eachServiceIsToldAnAddressOfItsOwn() async {
        let app = AppModel(core: core, phone: phone)
        await app.renewWakeUps()
        #expect(
            calls.all == [
                "https://relay.example 0a0b key of e1", "e1 https://relay.example/e1", "https://relay.example 0a0b key of e3",
                "e3 https://relay.example/e3",
            ], "none that is revoked, and none that sends nothing")
        #expect(keptToken.value == "https://relay.example 0a0b")
    }

    @Test func whoHasAnAddressIsAskedAgainForAnotherTokenOrRelayAlone() async {
        var core = core
        core.enrolments = { [.sample(id: "e1", pushEndpoint: "https://relay.example/e1")] }
        keptToken.value = "https://relay.example 0a0b"
        let app = AppModel(core: core, phone: phone)
        await app.renewWakeUps()
        #expect(calls.all.isEmpty)
        token.value = "0c0d"
        await app.renewWakeUps()
        #expect(calls.all.count == 2 && keptToken.value == "https://relay.example 0c0d")
        await app.renewWakeUps()
        #expect(calls.all.count == 2)
        relay.value = "https://other.example"
        await app.renewWakeUps()
        #expect(calls.all.count == 4 && calls.all[2] == "https://other.example 0c0d key of e1")
    }

    @Test func whatFailedIsTriedAgainAndWithoutATokenNothingIs() async {
        var broken = core
        broken.changePushEndpoint = { _, _ in throw PushError.NotThere(what: .enrolment) }
        await AppModel(core: broken, phone: phone).renewWakeUps()
        #expect(keptToken.value == nil, "not kept: the next time all are told")
        token.value = nil
        let before = calls.all.count
        await AppModel(core: core, phone: phone).renewWakeUps()
        var quiet = phone
        quiet.relay = { nil }
        token.value = "0a0b"
        await AppModel(core: core, phone: quiet).renewWakeUps()
        #expect(calls.all.count == before)
    }

    @Test func anEnrolmentBeginsWithItsAddressAndARelayThatIsGoneHoldsItUpNot() async throws {
        for answers in [true, false] {
            var core = core
            let told = Kept<String?>("nothing")
            core.checkOffer = {
                CheckedOffer(id: $0, host: "h", service: "s", accountName: "ann", clockIsSuspect: false, pushKey: "key of e9")
            }
            if !answers { core.subscribe = { _, _, _ in throw PushError.NotThere(what: .offer) } }
            core.enrol = { id, info in
                told.value = info.pushEndpoint
                return Enrolled(id: id, checkNumber: "042817", accountId: nil)
            }
            let model = try EnrolModel(text: "offer", from: Screen(core: core, phone: phone))
            await model.connectButtonTapped()
            await model.confirmButtonTapped()
            #expect(told.value == (answers ? "https://relay.example/e9" : nil))
        }
    }
}
