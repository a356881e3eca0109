import Foundation
import KlinkCore
import SwiftUI
import Testing

@testable import KlinkModels
@testable import KlinkViews

/// What a finger does reaches the model, and what the model does reaches the screen.
@MainActor
@Suite struct JourneyTests {
    @Test func aRequestIsApprovedByTypingAndTapping() async throws {
        let model = Screens.approveModel()
        #expect(try button("Approve", ApproveView(model: model)).enabled == false)
        try #require(tree(ApproveView(model: model)).all(.field).first).type?("42")
        try button("Approve", ApproveView(model: model)).tap?()
        try await until { model.phase == .done(.approved) }
        #expect(tree(ApproveView(model: model)).spoken.contains { $0.contains("Approved") })
    }

    @Test func denyIsOneTap() async throws {
        let model = Screens.approveModel()
        try button("Deny", ApproveView(model: model)).tap?()
        try await until { model.phase == .done(.denied) }
    }

    @Test func aLetterIsNoNumber() throws {
        let model = Screens.approveModel()
        try #require(tree(ApproveView(model: model)).all(.field).first).type?("4x")
        #expect(model.number == "4")
        #expect(try !button("Approve", ApproveView(model: model)).enabled)
    }

    @Test func anAccountIsAddedFromTheEmptyList() async throws {
        let app = AppModel(core: .preview, phone: .preview)
        let list = Screens.accountsModel()
        list.phase = .empty
        try button("Add your first account", AccountsView(model: list, app: app)).tap?()
        try await until { if case .add? = app.destination { true } else { false } }
    }

    @Test func enrollingGoesFromHostToCheckNumber() async throws {
        let model = EnrolModel(offer: Offer(id: "o1", host: "login.hupra.example"), core: .preview, phone: .preview)
        for (label, phase) in [("Connect", "asked"), ("Add", "checkNumber"), ("It is the same number", "waitingForTest")] {
            try button(label, EnrolView(model: model)).tap?()
            try await until { "\(model.phase)".hasPrefix(phase) }
        }
    }

    @Test func whatADialogConfirmsIsDoneAlthoughItClosesFirst() async throws {
        let model = AccountModel(account: Account.samples[0], core: .preview, phone: .preview)
        model.removeButtonTapped()
        let dialog = try #require(tree(AccountView(model: model)).all(.dialog).first)
        try #require(dialog.all(.button).first { $0.words == "Move to trash" }).tap?()
        dialog.close?()
        try await until { model.phase == .removed }
    }

    @Test func aDialogThatIsClosedKeepsTheAccount() throws {
        let model = AccountModel(account: Account.samples[0], core: .preview, phone: .preview)
        model.removeButtonTapped()
        try #require(tree(AccountView(model: model)).all(.dialog).first).close?()
        #expect(model.phase == .shown)
    }

    @Test(arguments: [1, 7]) func theCodeThatIsDrawnIsReadByAnotherPhone(_ wordsMore: Int) throws {
        let text = (0..<wordsMore).map { "a few words \($0)" }.joined(separator: ", ")
        let ink = try #require(tree(QRPicture(text: text)).all(.image).first).ink
        // Four modules of white around it, three pixels to a module, as a camera would have it.
        let module = try #require(ink.first).width
        let scale = 3 / module
        let side = Int((240 * scale).rounded()) + 24
        var luma = Data(repeating: 255, count: side * side)
        for rect in ink {
            for y in 0..<3 {
                for x in 0..<3 { luma[(Int((rect.minY * scale).rounded()) + 12 + y) * side + Int((rect.minX * scale).rounded()) + 12 + x] = 0 }
            }
        }
        let codes = try ScanSession().takeFrame(luma: luma, width: Int32(side), height: Int32(side), stride: Int32(side))
        #expect(codes.map(\.what) == [.plain])
        let white = Data(repeating: 255, count: side * side)
        #expect(try ScanSession().takeFrame(luma: white, width: Int32(side), height: Int32(side), stride: Int32(side)).isEmpty)
    }

    private func button(_ label: String, _ view: some View) throws -> Node {
        try #require(tree(view).all(.button).first { $0.words == label })
    }

    private func until(_ isSo: () -> Bool) async throws {
        for _ in 0..<10_000 where !isSo() { await Task.yield() }
        try #require(isSo())
    }
}
