// A stand-in for the part of SwiftUI that Klink's views use: they type-check with the signatures of Apple's public
// documentation and can be read as a tree. It lays nothing out, draws nothing, and is never part of an app.
@_exported import Foundation
@_exported import Observation

/// What one view is for a reader: its kind, what is on it, whether it can be used, what is inside.
@MainActor
public struct Node {
    /// What a view is. `row`, `column` and `group` only hold others.
    public enum Kind: String, Sendable {
        case text, image, button, link, toggle, field, secureField, picker, option, stepper, menu, progress, shape
        case list, form, section, header, footer, row, column, layers, scroll, group
        case title, search, toolbar, sheet, cover, alert, dialog, platform, space, divider, files, photos
    }

    /// How a container speaks: each child, all as one, or only what is said of the container.
    public enum Speech: Sendable { case contain, combine, ignore }

    public var kind: Kind
    /// The visible words.
    public var label: String
    /// What a control holds: a field's text, a toggle's state.
    public var value: String?
    public var children: [Node]
    public var enabled: Bool
    public var identifier: String?
    /// What the system gives a size that a finger hits: a row of a list, a button of an alert or toolbar.
    public var systemSized = false
    public var minWidth: CGFloat = 0
    public var minHeight: CGFloat = 0
    public var keyboard: String?
    public var destructive = false
    public var prominent = false
    public var shortcut: String?
    public var fixedFont = false
    /// The tag of a picker's option.
    var tag: AnyHashable?
    /// What a swipe or a long press offers; a screen reader offers the same as actions.
    public var swipes: [Node] = []
    /// What a navigation stack can draw from here.
    var destinations: [@MainActor (AnyHashable) -> [Node]?] = []
    public var moves = false

    public var hidden = false
    public var speech: Speech?
    public var spokenLabel: String?
    public var spokenValue: String?
    public var hint: String?
    public var traits: AccessibilityTraits = []
    public var priority: Double = 0
    public var spokenActions: [String] = []
    /// Misuses that Apple's SwiftUI would accept and that a reader or a screen reader would not.
    public var problems: [String] = []

    /// Where a canvas put its ink.
    public var ink: [CGRect] = []
    /// What a tap does.
    public var tap: (@MainActor () -> Void)?
    /// What the system does when it closes a dialog, by a button or beside it.
    public var close: (@MainActor () -> Void)?
    /// What typing does.
    public var type: (@MainActor (String) -> Void)?

    /// What happens when a watched value changes to another; values of other types are ignored.
    public var reactions: [@MainActor (Any) -> Void] = []

    public init(_ kind: Kind, _ label: String = "", value: String? = nil, children: [Node] = []) {
        self.kind = kind
        self.label = label
        self.value = value
        self.children = children
        enabled = EnvironmentValues.current.isEnabled
    }

    /// This node and all below it, in the order of reading.
    public var all: [Node] { [self] + (children + swipes).flatMap(\.all) }

    /// Those of one kind.
    public func all(_ kind: Kind) -> [Node] { all.filter { $0.kind == kind } }

    /// The texts in it, joined.
    public var words: String {
        ([label] + children.map(\.words)).filter { !$0.isEmpty }.joined(separator: ", ")
    }

    public var isControl: Bool {
        switch kind {
        case .button, .link, .toggle, .field, .secureField, .picker, .stepper, .menu, .search, .photos: true
        case .text, .image, .option, .progress, .shape, .list, .form, .section, .header, .footer, .row, .column, .layers,
            .scroll, .group, .title, .toolbar, .sheet, .cover, .alert, .dialog, .platform, .space, .divider, .files:
            false
        }
    }
}

/// The tree of a view, in an environment.
@MainActor
public func tree(_ view: some View, environment: EnvironmentValues = EnvironmentValues()) -> Node {
    EnvironmentValues.with(environment) { Node(.group, children: view._nodes()) }
}
