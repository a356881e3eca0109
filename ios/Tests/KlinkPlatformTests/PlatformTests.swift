import Foundation
import KlinkCore
import KlinkModels
import KlinkShared
import Security
import Testing
@testable import KlinkPlatform

/// What of the adapters is ours and no system call.
@Suite struct PlatformTests {
    let record = AnchorRecord(
        seq: 0x0102_0304_0506_0708, rootMac: Data(repeating: 1, count: 32), prevRoot: Data(repeating: 2, count: 32),
        branch: Data(repeating: 3, count: 16))

    @Test func anAnchorIsReadAsItWasWritten() {
        let bytes = KeychainAnchor.print(record)
        #expect(bytes.count == 88 && Array(bytes.prefix(8)) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(KeychainAnchor.read(bytes) == record)
        // As a slice of something longer, which begins elsewhere.
        #expect(KeychainAnchor.read((Data([9]) + bytes).dropFirst()) == record)
    }

    @Test func anAnchorOfAnotherLengthIsTorn() {
        let bytes = KeychainAnchor.print(record)
        #expect(KeychainAnchor.read(bytes.dropLast()) == nil && KeychainAnchor.read(bytes + [0]) == nil)
        #expect(KeychainAnchor.read(Data()) == nil)
        #expect(KeychainAnchor.read(Data(repeating: 0xff, count: 88)) == nil, "a number that no vault reaches")
    }

    @Test(arguments: [
        (OSStatus(-128), KeyStoreError.Cancelled), (-25293, .LockedOut), (-25300, .Missing), (-25308, .Unavailable),
        (-25291, .Unavailable), (-50, .HardwareFault),
    ]) func everyStatusIsOneOfTheSix(_ status: OSStatus, _ error: KeyStoreError) {
        #expect(throws: error) { try check(status) }
        #expect(throws: Never.self) { try check(status, alsoFine: status) }
    }

    @Test func whatIsGoodThrowsNothing() throws { try check(0) }

    @Test func presenceAsksForWhatItSays() {
        #expect(Keychain.flags(.none) == nil)
        #expect(Keychain.flags(.eachUse) == .userPresence)
        #expect(Keychain.flags(.biometrics) == .biometryCurrentSet)
    }

    /// The lengths inside of the head count the key that follows.
    @Test func theHeadOfAPublicKeyCountsWhatFollows() {
        let p256 = KeyKind.p256.spkiHead
        #expect(p256.count == 26 && Int(p256[1]) == p256.count - 2 + 65 && p256[24] == 66)
        let rsa = KeyKind.rsa2048.spkiHead
        #expect(rsa.count == 24 && Int(rsa[2]) << 8 | Int(rsa[3]) == rsa.count - 4 + 270)
    }

    @Test func aWakeUpIsReadWithAndWithoutItsOddLetters() {
        #expect(Data(wakeUp: "-_8") == Data([0xfb, 0xff]))
        #expect(Data(wakeUp: "AQID") == Data([1, 2, 3]))
        #expect(Data(wakeUp: "a b") == nil)
        #expect(Notifications.Tap.allCases.map(\.rawValue) == ["deny", "open"])
    }

    @Test func theClockOfTheBootGoesOn() {
        let clock = KlinkModels.Clock.live
        let first = clock.bootMs()
        #expect(first > 0 && clock.bootMs() >= first && clock.nowMs() > 1_700_000_000_000)
    }
}
