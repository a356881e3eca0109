import KlinkCore

/// Where services send wake-ups: an address of its own for each enrolment, so that nobody learns by it that two are one
/// person's. Without one the app asks while it is open.
struct WakeUps: Sendable {
    let core: CoreClient
    let phone: Phone

    /// The address for a service that pushes with this key; none where it sends nothing, and before the system gave a token.
    func address(_ pushKey: String?) async throws -> String? {
        guard let pushKey, let relay = phone.relay(), let token = phone.pushToken() else { return nil }
        return try await core.subscribe(relay, token, pushKey)
    }

    /// Tells each service that has no address, and all of them when the system gave another token or the app has another
    /// relay; the core ends the old address where it was. Works while locked.
    func run() async throws {
        guard let relay = phone.relay(), let token = phone.pushToken() else { return }
        let reached = "\(relay) \(token)"
        let isNew = phone.keptToken() != reached
        for enrolment in try await core.enrolments() where takesAddress(enrolment.state) && (isNew || enrolment.pushEndpoint == nil) {
            guard let address = try await address(try await core.pushKey(enrolment.id)) else { continue }
            try await core.changePushEndpoint(enrolment.id, address)
        }
        phone.keepToken(reached)
    }

    private func takesAddress(_ state: EnrolmentState) -> Bool {
        switch state {
        case .pendingTest, .active, .needsApprovalKey: true
        case .enrolling, .revoked, .failed, .damaged: false
        }
    }
}
