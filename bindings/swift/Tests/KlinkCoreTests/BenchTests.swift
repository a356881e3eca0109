import Foundation
import KlinkCore
import Testing

/// How long a call takes from Swift. Prints, and fails on no time: `cargo xtask bench-edge`.
@Suite struct BenchTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["KLINK_BENCH"] == "1")) func bench() async throws {
        let phone = SoftPhone(who: "swift-bench")
        let own = phone.start()
        let code = try makeRecoveryCode()
        let session = ScanSession()
        for n in 0..<1000 { _ = session.takeText(text: "otpauth://totp/Example%20\(n):ann?secret=\(secret(n))") }
        _ = try await own.create(new: NewVault(recoveryCode: TypedBack(code: code, typed: code)), atMs: now())
        var ids: [String] = []
        for n in 0..<1000 {
            ids.append(try await own.addScanned(session: session, number: Int32(n), pin: nil, atMs: now()).id)
        }
        let frame = try Stage.bytes("frame")
        measure("empty call", 1_000_000) { _ = liveTasks() }
        measure("list of 1,000 accounts", 100) { _ = try? own.accounts() }
        measure("codes of 1,000 accounts, kept", 100) { _ = try? own.codes(atMs: 1_800_000_000_000, offsetMs: 0, ids: ids) }
        var at: Int64 = 1_800_000_000_000
        measure("codes of 1,000 accounts, made anew", 20) {
            at += 30_000
            _ = try? own.codes(atMs: at, offsetMs: 0, ids: ids)
        }
        measure("one frame of 640 x 480 with a code", 100) {
            _ = try? session.takeFrame(luma: frame, width: 640, height: 480, stride: 704)
        }
        let file = [ImportSource(name: "aegis.json", bytes: try Stage.bytes("file/aegis,%20sealed"))]
        let secrets = ImportSecrets(password: Data("test".utf8))
        await measureWaiting("a sealed Aegis file, previewed", 4) {
            _ = try? await own.previewImport(sources: file, secrets: secrets, consented: false)
        }
    }

    private func measureWaiting(_ what: String, _ rounds: Int, _ call: () async -> Void) async {
        for _ in 0..<(rounds / 4) { await call() }
        let began = ContinuousClock.now
        for _ in 0..<rounds { await call() }
        told(what, rounds, since: began)
    }

    private func measure(_ what: String, _ rounds: Int, _ call: () -> Void) {
        for _ in 0..<(rounds / 4) { call() }
        let began = ContinuousClock.now
        for _ in 0..<rounds { call() }
        told(what, rounds, since: began)
    }

    private func told(_ what: String, _ rounds: Int, since began: ContinuousClock.Instant) {
        let each = (ContinuousClock.now - began) / rounds
        let micros = Double(each.components.attoseconds) / 1e12 + Double(each.components.seconds) * 1e6
        print("bench swift: \(what.padding(toLength: 36, withPad: " ", startingAt: 0)) \(String(format: "%10.2f", micros)) µs")
    }

    private func secret(_ n: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ\(letters[n / 1024])\(letters[n / 32 % 32])\(letters[n % 32])"
    }
}
