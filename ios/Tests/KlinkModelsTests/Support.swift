import Foundation
import KlinkCore
import Observation
import Synchronization
import Testing
@testable import KlinkModels

/// Every value that a property of a model had, in order.
@MainActor final class Trace<Value> {
    private(set) var seen: [Value] = []
    private let read: @MainActor () -> Value

    init(_ read: @escaping @MainActor () -> Value) {
        self.read = read
        track()
    }

    private func track() {
        withObservationTracking {
            seen.append(read())
        } onChange: {
            Task { @MainActor in self.track() }
        }
    }
}

/// What was called, in order.
final class Calls: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func note(_ call: String) { kept.withLock { $0.append(call) } }
}

/// A value that closures share.
final class Kept<Value: Sendable>: @unchecked Sendable {
    // Not a `Mutex`: Swift 6.0 breaks off in its own `init` of a generic one.
    private let lock = NSLock()
    private var kept: Value
    init(_ value: Value) { kept = value }
    var value: Value {
        get { lock.withLock { kept } }
        set { lock.withLock { kept = newValue } }
    }
}

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
    private struct State {
        var nowMs = previewMs
        var waiting: [(untilMs: Int64, go: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    var clock: Clock {
        Clock(nowMs: { self.state.withLock { $0.nowMs } }, bootMs: { 60_000 }, sleep: { until in await self.sleep(until) })
    }

    /// How many sleep now.
    var sleeping: Int { state.withLock { $0.waiting.count } }

    func advance(to ms: Int64) {
        let due = state.withLock { state in
            state.nowMs = ms
            let due = state.waiting.filter { $0.untilMs <= ms }
            state.waiting.removeAll { $0.untilMs <= ms }
            return due
        }
        due.forEach { $0.go.resume() }
    }

    private func sleep(_ until: Int64) async {
        await withCheckedContinuation { go in
            let isDue = state.withLock { state in
                if until > state.nowMs { state.waiting.append((until, go)) }
                return until <= state.nowMs
            }
            if isDue { go.resume() }
        }
    }
}

/// Lets what was started on the main actor run until `done` holds; a watchdog ends it.
@MainActor func until(_ done: @MainActor () -> Bool, _ comment: Comment = "it came about") async {
    for _ in 0..<10_000 where !done() { await Task.yield(); try? await Task.sleep(for: .microseconds(50)) }
    #expect(done(), comment)
}

extension UnlockKey {
    /// What kind it is, and for a code or passphrase which.
    var said: String {
        switch self {
        case .passphrase(let passphrase): "passphrase \(String(decoding: passphrase, as: UTF8.self))"
        case .recoveryCode(let code): "code \(code)"
        case .device: "device"
        }
    }
}
