// What a list shows has an identity that lasts as long as the vault lives. Errors have no text for people: an app words
// its own from the case. Their `localizedDescription` comes from the generator and only names the case.

extension Account: Identifiable {}
extension AccountGroup: Identifiable {}
extension Challenge: Identifiable {}
extension CodeRow: Identifiable {}
extension Enrolment: Identifiable {}
extension WayIn: Identifiable {}
extension SpoolMessage: Identifiable {}

extension PreviewRow: Identifiable {
    public var id: Int32 { number }
}

extension CopyInfo: Identifiable {
    public var id: String { path }
}
