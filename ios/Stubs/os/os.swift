// What the adapters use of os: a lock around a value.
import Foundation

public struct OSAllocatedUnfairLock<State>: @unchecked Sendable {
    private final class Box { var state: State; let lock = NSLock(); init(_ state: State) { self.state = state } }
    private let box: Box
    public init(uncheckedState: State) { box = Box(uncheckedState) }
    public func withLockUnchecked<R>(_ body: (inout State) throws -> R) rethrows -> R {
        box.lock.lock()
        defer { box.lock.unlock() }
        return try body(&box.state)
    }
}
