public struct AccessibilityTraits: SetAlgebra, Sendable, Equatable {
    var names: Set<String> = []
    public init() {}
    init(_ name: String) { names = [name] }
    public static let isButton = Self("button"), isHeader = Self("heading"), isSelected = Self("selected")
    public static let isStaticText = Self("static text"), isImage = Self("image"), isModal = Self("modal")
    public static let updatesFrequently = Self("updates often")
    public func contains(_ member: Self) -> Bool { member.names.isSubset(of: names) }
    public func union(_ other: Self) -> Self { with(names.union(other.names)) }
    public func intersection(_ other: Self) -> Self { with(names.intersection(other.names)) }
    public func symmetricDifference(_ other: Self) -> Self { with(names.symmetricDifference(other.names)) }
    public mutating func insert(_ new: Self) -> (inserted: Bool, memberAfterInsert: Self) {
        let inserted = !contains(new)
        formUnion(new)
        return (inserted, new)
    }
    public mutating func remove(_ member: Self) -> Self? {
        let had = intersection(member)
        names.subtract(member.names)
        return had.names.isEmpty ? nil : had
    }
    public mutating func update(with new: Self) -> Self? {
        let had = intersection(new)
        formUnion(new)
        return had.names.isEmpty ? nil : had
    }
    public mutating func formUnion(_ other: Self) { names.formUnion(other.names) }
    public mutating func formIntersection(_ other: Self) { names.formIntersection(other.names) }
    public mutating func formSymmetricDifference(_ other: Self) { names.formSymmetricDifference(other.names) }
    private func with(_ names: Set<String>) -> Self {
        var made = Self()
        made.names = names
        return made
    }
}

public struct AccessibilityChildBehavior: Hashable, Sendable {
    let speech: Node.Speech
    public static let ignore = Self(speech: .ignore), contain = Self(speech: .contain), combine = Self(speech: .combine)
}

public struct AccessibilityActionKind: Equatable, Sendable {
    public static let `default` = Self(), escape = Self(), magicTap = Self()
}

public struct AccessibilityLabeledPairRole: Sendable { public static let label = Self(), content = Self() }
public enum AccessibilityHeadingLevel: UInt, Sendable { case unspecified, h1, h2, h3, h4, h5, h6 }

extension View {
    /// A label on something that is no element of its own reaches nobody: the stand-in says so.
    @_disfavoredOverload public func accessibilityLabel<S: StringProtocol>(_ label: S) -> some View {
        let label = String(label)
        return each { node in
            node.spokenLabel = label
            if node.isPlainContainer { node.problems.append("a label on a container that is no element") }
        }
    }
    @_disfavoredOverload public func accessibilityValue<S: StringProtocol>(_ value: S) -> some View {
        let value = String(value)
        return each { $0.spokenValue = value }
    }
    @_disfavoredOverload public func accessibilityHint<S: StringProtocol>(_ hint: S) -> some View {
        let hint = String(hint)
        return each { $0.hint = hint }
    }
    public func accessibilityHidden(_ hidden: Bool) -> some View { each { $0.hidden = hidden } }
    public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View {
        _Made {
            let nodes = self._nodes()
            var node = nodes.count == 1 ? nodes[0] : Node(.column, children: nodes)
            node.speech = children.speech
            return [node]
        }
    }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { each { $0.traits.formUnion(traits) } }
    public func accessibilityRemoveTraits(_ traits: AccessibilityTraits) -> some View { each { _ = $0.traits.remove(traits) } }
    public func accessibilitySortPriority(_ sortPriority: Double) -> some View { each { $0.priority = sortPriority } }
    public func accessibilityIdentifier(_ identifier: String) -> some View { each { $0.identifier = identifier } }
    public func accessibilityHeading(_ level: AccessibilityHeadingLevel) -> some View { self }
    public func accessibilityAction(_ actionKind: AccessibilityActionKind = .default, _ handler: @escaping () -> Void) -> some View { self }
    @_disfavoredOverload
    public func accessibilityAction<S: StringProtocol>(named name: S, _ handler: @escaping () -> Void) -> some View {
        let name = String(name)
        return each { $0.spokenActions.append(name) }
    }
    public func accessibilityShowsLargeContentViewer() -> some View { self }
}

extension Node {
    var isPlainContainer: Bool {
        switch kind {
        case .row, .column, .layers, .group, .scroll, .list, .form, .section: speech == nil || speech == .contain
        case .text, .image, .button, .link, .toggle, .field, .secureField, .picker, .option, .stepper, .menu, .progress,
            .shape, .header, .footer, .title, .search, .toolbar, .sheet, .cover, .alert, .dialog, .platform, .space,
            .divider, .files, .photos:
            false
        }
    }

    /// What a screen reader says, one line for each element in the order of its swipes:
    /// `Approve, button, off` or `Code, 1 2 3 4 5 6`.
    public var spoken: [String] { elements.map(\.line) }

    /// The elements that a screen reader stops at, in the order of its swipes.
    public var elements: [Element] {
        if hidden { return [] }
        switch kind {
        case .button, .link, .toggle, .field, .secureField, .picker, .stepper, .search, .text, .image, .progress, .shape, .title,
            .option, .photos:
            return isSaid ? [Element(self, spokenLabel ?? (kind == .picker ? label : said))] : []
        case .menu:
            let closed = children.dropLast().map(\.said).filter { !$0.isEmpty }.joined(separator: ", ")
            return [Element(self, spokenLabel ?? closed)]
        case .row, .column, .layers, .scroll, .group, .list, .form, .section, .header, .footer, .toolbar, .platform:
            switch speech {
            case .ignore?, .combine?:
                let label = spokenLabel ?? (speech == .combine ? said : "")
                return label.isEmpty && spokenValue == nil ? [] : [Element(self, label)]
            case .contain?, nil:
                return inOrder
            }
        case .sheet, .cover, .alert, .dialog:
            return (label.isEmpty ? [] : [Element(self, label)]) + inOrder
        case .space, .divider, .files:
            return []
        }
    }

    /// Children by priority, then by place.
    private var inOrder: [Element] {
        children.enumerated().sorted { ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset) }
            .flatMap { $0.element.elements }
    }

    private var isSaid: Bool { kind != .shape || spokenLabel != nil }

    /// The words of this node and below it, as they are said.
    public var said: String {
        if hidden { return "" }
        if let spokenLabel { return spokenLabel }
        return ([kind == .shape ? "" : label] + children.map(\.said)).filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// One stop of a screen reader.
    @MainActor
    public struct Element {
        public let node: Node
        public let label: String

        init(_ node: Node, _ label: String) {
            self.node = node
            self.label = label
        }

        /// The role as it is said; none for text.
        public var role: String? {
            switch node.kind {
            case .button, .menu, .photos: return "button"
            case .link: return "link"
            case .toggle: return "switch"
            case .field: return "field"
            case .secureField: return "secure field"
            case .picker: return "picker"
            case .stepper: return "adjustable"
            case .search: return "search field"
            case .progress: return "progress"
            case .image: return "image"
            case .alert, .dialog: return "alert"
            case .text, .option, .shape, .list, .form, .section, .header, .footer, .row, .column, .layers, .scroll, .group,
                .title, .toolbar, .sheet, .cover, .platform, .space, .divider, .files:
                if node.traits.contains(.isButton) { return "button" }
                return node.traits.contains(.isHeader) ? "heading" : nil
            }
        }

        public var line: String {
            var parts = [label]
            if let value = node.spokenValue ?? (node.kind == .shape ? nil : node.value), !value.isEmpty { parts.append(value) }
            if let role { parts.append("‹\(role)›") }
            if !node.enabled, role != nil, role != "heading", role != "image" { parts.append("off") }
            if node.traits.contains(.isSelected) { parts.append("selected") }
            if let hint = node.hint { parts.append("(\(hint))") }
            let actions = node.spokenActions + node.swipes.map(\.words)
            if !actions.isEmpty { parts.append("[\(actions.joined(separator: " | "))]") }
            return parts.filter { !$0.isEmpty }.joined(separator: ", ")
        }
    }
}
