import Foundation
import KlinkCore

/// A phase that can say what went wrong; every screen has one.
protocol Failing {
    static func failed(_ why: Sentence) -> Self
}

/// A model whose phase says what is being done, what came of it, and what went wrong.
@MainActor protocol Going: AnyObject {
    associatedtype Phase: Failing
    var phase: Phase { get set }
}

extension Going {
    /// Does what may fail: the screen is in `meanwhile`, then in what came of it.
    func go(_ meanwhile: Phase? = nil, _ act: @MainActor () async throws -> Phase) async {
        if let meanwhile { phase = meanwhile }
        do { phase = try await act() } catch { phase = .failed(message(for: error)) }
    }

    /// The same for what is done at once.
    func go(_ act: () throws -> Phase) {
        do { phase = try act() } catch { phase = .failed(message(for: error)) }
    }
}

/// A phase in which `unlocking` has the screen.
protocol Unlocking: Failing {
    static var unlocking: Self { get }
}

/// A model that has a way in opened again before it goes on.
@MainActor protocol Asking: Screen, Going where Phase: Unlocking {
    var unlocking: UnlockModel? { get set }
}

extension Asking {
    /// Asks by these ways, or by the vault's own, and goes on with the key that was given.
    func ask(
        _ act: UnlockModel.Act, by ways: [WayIn]? = nil, then: @escaping @MainActor (UnlockKey) async -> Void
    ) async {
        await go {
            let known: [WayIn]
            if let ways { known = ways } else { known = try await core.waysIn() }
            let model = UnlockModel(act: act, ways: known, core: core, phone: phone)
            model.onDone = { [weak self] key, _ in
                self?.unlocking = nil
                Task { await then(key) }
            }
            unlocking = model
            return .unlocking
        }
    }
}

extension WayIn {
    /// What opens a vault or copy that says nothing of its own.
    static let portable = [WayInKind.passphrase, .recoveryCode].map { WayIn(id: "", kind: $0, createdAtMs: nil, damaged: false) }
}

/// What is in a file that the user chose.
func bytes(of url: URL) throws -> Data {
    do { return try Data(contentsOf: url, options: .mappedIfSafe) } catch { throw VaultError.Storage(why: .notReadable) }
}
