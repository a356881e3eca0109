import Accessibility
import Foundation
import KlinkCore
import SwiftUI
import Testing

@testable import KlinkModels
@testable import KlinkViews

/// The accessibility contract, on every screen in every phase and language.
@MainActor
@Suite struct AccessibilityTests {
    @Test(arguments: Language.allCases)
    func everyTargetIsLargeEnough(_ language: Language) {
        each(language) { shown, tree in
            for control in controls(tree) where !control.systemSized {
                #expect(control.minHeight >= 44, "\(shown.screen) \(shown.name): \(control.said)")
                #expect(control.minWidth >= 44 || control.kind == .field, "\(shown.screen) \(shown.name): \(control.said)")
            }
        }
    }

    @Test(arguments: Language.allCases)
    func labelsOfControlsAreUniqueOnAScreen(_ language: Language) {
        each(language) { shown, tree in
            let labels = tree.elements.filter { $0.node.isControl }.map { "\($0.label) ‹\($0.role ?? "")›" }
            let twice = Dictionary(grouping: labels, by: { $0 }).filter { $1.count > 1 }.keys.sorted()
            #expect(twice.isEmpty, "\(shown.screen) \(shown.name): \(twice)")
            #expect(!labels.contains { $0.hasPrefix(" ‹") }, "\(shown.screen) \(shown.name): a control without a label")
        }
    }

    @Test(arguments: Language.allCases)
    func nothingIsMisusedAtAnySizeOrWithLessMotion(_ language: Language) {
        for size in [DynamicTypeSize.large, .accessibility5] {
            for isStill in [false, true] {
                each(language, { $0.dynamicTypeSize = size; $0.accessibilityReduceMotion = isStill }) { shown, tree in
                    let problems = tree.all.flatMap(\.problems)
                    #expect(problems.isEmpty, "\(shown.screen) \(shown.name): \(problems)")
                }
            }
        }
    }

    @Test func theLargestTypeLosesNoControl() {
        for shown in Screens.all {
            let usual = Language.$forced.withValue(.en) { drawn(shown).elements.filter { $0.node.isControl }.map(\.label) }
            let large = Language.$forced.withValue(.en) {
                drawn(shown) { $0.dynamicTypeSize = .accessibility5 }.elements.filter { $0.node.isControl }.map(\.label)
            }
            #expect(usual == large, "\(shown.screen) \(shown.name)")
        }
    }

    @Test(arguments: Language.allCases)
    func noPictureIsReadByItsFileName(_ language: Language) {
        each(language) { shown, tree in
            for element in tree.elements where element.node.kind == .image {
                #expect(element.node.spokenLabel != nil, "\(shown.screen) \(shown.name): \(element.label)")
            }
        }
    }

    @Test func everyScreenHasATitle() {
        each(.en) { shown, tree in
            #expect(tree.all(.title).count >= 1 || shown.phase == "starting", "\(shown.screen) \(shown.name)")
        }
    }

    @Test func codesAreReadDigitByDigit() {
        let rows = tree(AccountsView(model: Screens.accountsModel(), app: AppModel(core: .preview, phone: .preview))).spoken
        #expect(rows.filter { $0.contains("2 8 7 0 8 2") }.count == 3)
        #expect(!rows.contains { $0.contains("287") })
        #expect(spoken("B7GK2") == "B 7 G K 2")
    }

    @Test func noScreenReadsACodeAsANumber() {
        each(.en) { shown, tree in
            for element in tree.elements where element.node.kind != .field {
                let run = element.line.range(of: "[0-9]{6,}", options: .regularExpression)
                #expect(run == nil, "\(shown.screen) \(shown.name): \(element.line)")
            }
        }
    }

    @Test(arguments: Language.allCases)
    func aRequestIsReadAskerApplicationPlaceThenTheField(_ language: Language) throws {
        let lines = Language.$forced.withValue(language) { tree(ApproveView(model: Screens.approveModel())).spoken }
        let places = try ["Hupra", "Hours", "Utrecht", "‹field›"].map { word in
            let line = try #require(lines.firstIndex { $0.contains(word) && !$0.contains("‹heading›") || $0.contains(word) && word.hasPrefix("H") && $0.contains("Hours") })
            let at = try #require(lines[line].range(of: word)).lowerBound
            return (line, lines[line].distance(from: lines[line].startIndex, to: at))
        }
        for (earlier, later) in zip(places, places.dropFirst()) { #expect(earlier < later, "\(lines)") }
    }

    @Test func whatAModelAnnouncesIsSaidOnce() {
        AccessibilityNotification._posted = []
        let model = Screens.accountsModel()
        let app = AppModel(core: .preview, phone: .preview)
        let before = tree(AccountsView(model: model, app: app)).all.flatMap(\.reactions)
        let sentence: Sentence? = Sentence("accounts.changes_in", .count(5))
        before.forEach { $0(sentence as Any) }
        #expect(AccessibilityNotification._posted == ["The code changes in 5 seconds"])
    }

    @Test func theListSaysItAtFiveSecondsOnceForTheFocusedRowAlone() {
        var now = previewMs + 10_000
        let clock = Moment(now)
        var phone = Phone.preview
        phone.clock.nowMs = { clock.ms }
        let model = AccountsModel(core: .preview, phone: phone)
        model.reload()
        #expect(model.announcement == nil)
        now = previewMs + 15_000
        clock.ms = now
        model.drawCodes()
        #expect(model.announcement == nil, "no row has the focus")
        model.focused = "a2"
        model.drawCodes()
        #expect(model.announcement == Sentence("accounts.changes_in", .count(5)))
        model.announcement = nil
        clock.ms = previewMs + 17_000
        model.drawCodes()
        #expect(model.announcement == nil, "said twice")
    }

    private func each(
        _ language: Language, _ change: (inout EnvironmentValues) -> Void = { _ in }, _ check: (Shown, Node) -> Void
    ) {
        Language.$forced.withValue(language) { for shown in Screens.all { check(shown, drawn(shown, change)) } }
    }

    private func controls(_ tree: Node) -> [Node] { tree.all.filter(\.isControl) }
}

/// A clock that a test sets.
private final class Moment: @unchecked Sendable {
    var ms: Int64
    init(_ ms: Int64) { self.ms = ms }
}
