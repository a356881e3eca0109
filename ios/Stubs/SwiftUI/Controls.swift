public struct ButtonRole: Equatable, Sendable {
    let name: String
    public static let destructive = ButtonRole(name: "destructive"), cancel = ButtonRole(name: "cancel")
}

public struct Button<Label: View>: _Leaf {
    let role: ButtonRole?
    let action: @MainActor () -> Void
    let label: Label
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {
        self.init(role: nil, action: action, label: label)
    }
    public init(role: ButtonRole?, action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {
        self.role = role
        self.action = action
        self.label = label()
    }
    public func _nodes() -> [Node] {
        let inside = label._nodes()
        var node = Node(.button, children: inside)
        node.systemSized = EnvironmentValues.current.systemSized
        node.minHeight = inside.map(\.minHeight).max() ?? 0
        node.minWidth = inside.map(\.minWidth).max() ?? 0
        node.destructive = role == .destructive
        node.tap = action
        return [node]
    }
}

extension Button where Label == Text {
    public init(_ titleKey: LocalizedStringKey, role: ButtonRole? = nil, action: @escaping @MainActor () -> Void) {
        self.init(role: role, action: action) { Text(titleKey) }
    }
    @_disfavoredOverload
    public init<S: StringProtocol>(_ title: S, role: ButtonRole? = nil, action: @escaping @MainActor () -> Void) {
        self.init(role: role, action: action) { Text(title) }
    }
}

extension Button where Label == SwiftUI.Label<Text, Image> {
    @_disfavoredOverload
    public init<S: StringProtocol>(
        _ title: S, systemImage: String, role: ButtonRole? = nil, action: @escaping @MainActor () -> Void
    ) {
        self.init(role: role, action: action) { SwiftUI.Label(title, systemImage: systemImage) }
    }
}

public struct Link<Label: View>: _Leaf {
    let label: Label
    public init(destination: URL, @ViewBuilder label: () -> Label) { self.label = label() }
    public func _nodes() -> [Node] {
        var node = Node(.link, children: label._nodes())
        node.systemSized = EnvironmentValues.current.systemSized
        return [node]
    }
}

extension Link where Label == Text {
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, destination: URL) {
        self.init(destination: destination) { Text(title) }
    }
}

public struct ShareLink<Label: View>: _Leaf {
    let label: Label
    public init(item: URL, @ViewBuilder label: () -> Label) { self.label = label() }
    public func _nodes() -> [Node] {
        var node = Node(.button, children: label._nodes())
        node.systemSized = EnvironmentValues.current.systemSized
        return [node]
    }
}

@MainActor
private func field(_ kind: Node.Kind, _ title: String, _ text: Binding<String>, _ prompt: Text?) -> [Node] {
    var node = Node(kind, title, value: text.wrappedValue)
    if kind == .secureField { node.value = String(repeating: "•", count: text.wrappedValue.count) }
    node.systemSized = EnvironmentValues.current.systemSized
    node.hint = prompt?.text
    node.type = { text.wrappedValue = $0 }
    return [node]
}

public struct TextField<Label: View>: _Leaf {
    let title: String
    let text: Binding<String>
    let prompt: Text?
    public func _nodes() -> [Node] { field(.field, title, text, prompt) }
}

extension TextField where Label == Text {
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, text: Binding<String>) {
        self.init(title: String(title), text: text, prompt: nil)
    }
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, text: Binding<String>, prompt: Text?) {
        self.init(title: String(title), text: text, prompt: prompt)
    }
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, text: Binding<String>, axis: Axis) {
        self.init(title: String(title), text: text, prompt: nil)
    }
}

public struct SecureField<Label: View>: _Leaf {
    let title: String
    let text: Binding<String>
    public func _nodes() -> [Node] { field(.secureField, title, text, nil) }
}

extension SecureField where Label == Text {
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, text: Binding<String>) {
        self.init(title: String(title), text: text)
    }
}

public struct Toggle<Label: View>: _Leaf {
    let isOn: Binding<Bool>
    let label: Label
    public init(isOn: Binding<Bool>, @ViewBuilder label: () -> Label) {
        self.isOn = isOn
        self.label = label()
    }
    public func _nodes() -> [Node] {
        let on = isOn
        var node = Node(.toggle, value: on.wrappedValue ? "on" : "off", children: label._nodes())
        node.systemSized = EnvironmentValues.current.systemSized
        node.tap = { on.wrappedValue.toggle() }
        return [node]
    }
}

extension Toggle where Label == Text {
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, isOn: Binding<Bool>) {
        self.init(isOn: isOn) { Text(title) }
    }
}

public struct Picker<Label: View, SelectionValue: Hashable, Content: View>: _Leaf {
    let title: String
    let selection: Binding<SelectionValue>
    let content: Content
    public func _nodes() -> [Node] {
        let options = EnvironmentValues.with(plain()) { content._nodes() }.map {
            var node = Node(.option, $0.words)
            node.value = $0.tag == AnyHashable(selection.wrappedValue) ? "selected" : nil
            if $0.tag == nil { node.problems.append("an option without a tag") }
            return node
        }
        var node = Node(.picker, title, value: options.first { $0.value != nil }?.label, children: options)
        node.systemSized = EnvironmentValues.current.systemSized
        if node.value == nil { node.problems.append("nothing is selected") }
        return [node]
    }
    private func plain() -> EnvironmentValues { EnvironmentValues.current }
}

extension Picker where Label == Text {
    @_disfavoredOverload
    public init<S: StringProtocol>(_ title: S, selection: Binding<SelectionValue>, @ViewBuilder content: () -> Content) {
        self.init(title: String(title), selection: selection, content: content())
    }
}

public struct Stepper<Label: View>: _Leaf {
    let title: String
    let now: String
    public func _nodes() -> [Node] {
        var node = Node(.stepper, title, value: now)
        node.systemSized = EnvironmentValues.current.systemSized
        return [node]
    }
}

extension Stepper where Label == Text {
    @_disfavoredOverload
    public init<S: StringProtocol, V: Strideable>(_ title: S, value: Binding<V>, in bounds: ClosedRange<V>, step: V.Stride = 1) {
        self.init(title: String(title), now: "\(value.wrappedValue)")
    }
}

public struct Menu<Label: View, Content: View>: _Leaf {
    let content: Content
    let label: Label
    public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Label) {
        self.content = content()
        self.label = label()
    }
    public func _nodes() -> [Node] {
        let inside = label._nodes()
        var values = EnvironmentValues.current
        values.systemSized = true
        var node = Node(.menu, children: inside + [Node(.group, children: EnvironmentValues.with(values) { content._nodes() })])
        node.systemSized = EnvironmentValues.current.systemSized
        node.minHeight = inside.map(\.minHeight).max() ?? 0
        node.minWidth = inside.map(\.minWidth).max() ?? 0
        return [node]
    }
}

extension Menu where Label == SwiftUI.Label<Text, Image> {
    @_disfavoredOverload
    public init<S: StringProtocol>(_ title: S, systemImage: String, @ViewBuilder content: () -> Content) {
        self.init(content: content) { SwiftUI.Label(title, systemImage: systemImage) }
    }
}

public struct ProgressView<Label: View, CurrentValueLabel: View>: _Leaf {
    let title: String
    let done: Double?
    public func _nodes() -> [Node] { [Node(.progress, title, value: done.map { "\(Int(($0 * 100).rounded())) %" })] }
}

extension ProgressView where CurrentValueLabel == EmptyView {
    public init() where Label == EmptyView { self.init(title: "", done: nil) }
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S) where Label == Text {
        self.init(title: String(title), done: nil)
    }
    public init<V: BinaryFloatingPoint>(value: V?, total: V = 1.0) where Label == EmptyView {
        self.init(title: "", done: value.map { Double($0 / total) })
    }
}

public struct LabeledContent<Label: View, Content: View>: _Leaf {
    let title: String
    let content: Content
    public func _nodes() -> [Node] {
        var node = Node(.row, children: [Node(.text, title)] + content._nodes())
        node.speech = .combine
        return [node]
    }
}

extension LabeledContent where Label == Text {
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, @ViewBuilder content: () -> Content) {
        self.init(title: String(title), content: content())
    }
    @_disfavoredOverload public init<S1: StringProtocol, S2: StringProtocol>(_ title: S1, value: S2) where Content == Text {
        self.init(title: String(title), content: Text(value))
    }
}

public struct EditButton: _Leaf {
    public init() {}
    public func _nodes() -> [Node] {
        var node = Node(.button, "edit (the system's word)")
        node.systemSized = true
        return [node]
    }
}
