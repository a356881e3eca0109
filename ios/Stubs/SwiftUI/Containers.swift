public enum HorizontalAlignment: Sendable { case leading, center, trailing }
public enum VerticalAlignment: Sendable { case top, center, bottom, firstTextBaseline, lastTextBaseline }
public enum TextAlignment: Hashable, CaseIterable, Sendable { case leading, center, trailing }
public struct Alignment: Equatable, Sendable {
    public static let center = Alignment(), leading = Alignment(), trailing = Alignment(), top = Alignment()
    public static let bottom = Alignment(), topTrailing = Alignment(), bottomTrailing = Alignment()
}
public enum Axis: Sendable {
    case horizontal, vertical
    public struct Set: OptionSet, Sendable {
        public let rawValue: Int8
        public init(rawValue: Int8) { self.rawValue = rawValue }
        public static let horizontal = Set(rawValue: 1), vertical = Set(rawValue: 2)
    }
}

/// Draws what is inside a container, and says whether the system sizes its rows.
@MainActor
private func inside(_ content: some View, sized: Bool?) -> [Node] {
    var values = EnvironmentValues.current
    if let sized { values.systemSized = sized }
    return EnvironmentValues.with(values) { content._nodes() }
}

public struct VStack<Content: View>: _Leaf {
    let content: Content
    public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {
        self.content = content()
    }
    public func _nodes() -> [Node] { [Node(.column, children: inside(content, sized: false))] }
}

public struct HStack<Content: View>: _Leaf {
    let content: Content
    public init(alignment: VerticalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {
        self.content = content()
    }
    public func _nodes() -> [Node] { [Node(.row, children: inside(content, sized: false))] }
}

public struct ZStack<Content: View>: _Leaf {
    let content: Content
    public init(alignment: Alignment = .center, @ViewBuilder content: () -> Content) { self.content = content() }
    public func _nodes() -> [Node] { [Node(.layers, children: inside(content, sized: false))] }
}

public struct Spacer: _Leaf {
    public nonisolated init(minLength: CGFloat? = nil) {}
    public func _nodes() -> [Node] { [] }
}

public struct Divider: _Leaf {
    public nonisolated init() {}
    public func _nodes() -> [Node] { [] }
}

public struct Group<Content: View>: _Leaf {
    let content: Content
    public init(@ViewBuilder content: () -> Content) { self.content = content() }
    public func _nodes() -> [Node] { content._nodes() }
}

public struct ScrollView<Content: View>: _Leaf {
    let content: Content
    public init(_ axes: Axis.Set = .vertical, showsIndicators: Bool = true, @ViewBuilder content: () -> Content) {
        self.content = content()
    }
    public func _nodes() -> [Node] { [Node(.scroll, children: inside(content, sized: false))] }
}

public struct ViewThatFits<Content: View>: _Leaf {
    let content: Content
    public init(in axes: Axis.Set = [.horizontal, .vertical], @ViewBuilder content: () -> Content) { self.content = content() }
    /// The stand-in lays nothing out: it takes the first, at accessibility sizes the last.
    public func _nodes() -> [Node] {
        let nodes = content._nodes()
        let chosen = EnvironmentValues.current.dynamicTypeSize.isAccessibilitySize ? nodes.last : nodes.first
        return chosen.map { [$0] } ?? []
    }
}

public struct List<SelectionValue: Hashable, Content: View>: _Leaf {
    let content: Content
    public func _nodes() -> [Node] { [Node(.list, children: inside(content, sized: true))] }
}

extension List where SelectionValue == Never {
    public init(@ViewBuilder content: () -> Content) { self.content = content() }
}

public struct Form<Content: View>: _Leaf {
    let content: Content
    public init(@ViewBuilder content: () -> Content) { self.content = content() }
    public func _nodes() -> [Node] { [Node(.form, children: inside(content, sized: true))] }
}

public struct Section<Parent, Content, Footer> {
    let parent: Parent
    let content: Content
    let footer: Footer
}

extension Section: View, _Leaf where Parent: View, Content: View, Footer: View {
    public init(
        @ViewBuilder content: () -> Content, @ViewBuilder header: () -> Parent, @ViewBuilder footer: () -> Footer
    ) {
        self.init(parent: header(), content: content(), footer: footer())
    }
    public func _nodes() -> [Node] {
        var header = Node(.header, children: inside(parent, sized: false))
        header.traits = .isHeader
        header.speech = .combine
        let footer = Node(.footer, children: inside(self.footer, sized: false))
        return [Node(.section, children: [header].filter { !$0.children.isEmpty } + content._nodes()
            + [footer].filter { !$0.children.isEmpty })]
    }
}

extension Section where Parent == EmptyView, Content: View, Footer == EmptyView {
    public init(@ViewBuilder content: () -> Content) {
        self.init(parent: EmptyView(), content: content(), footer: EmptyView())
    }
}

extension Section where Parent: View, Content: View, Footer == EmptyView {
    public init(@ViewBuilder content: () -> Content, @ViewBuilder header: () -> Parent) {
        self.init(parent: header(), content: content(), footer: EmptyView())
    }
}

extension Section where Parent == EmptyView, Content: View, Footer: View {
    public init(@ViewBuilder content: () -> Content, @ViewBuilder footer: () -> Footer) {
        self.init(parent: EmptyView(), content: content(), footer: footer())
    }
}

extension Section where Parent == Text, Content: View, Footer == EmptyView {
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, @ViewBuilder content: () -> Content) {
        self.init(parent: Text(title), content: content(), footer: EmptyView())
    }
}

public protocol DynamicViewContent: View {}

public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content> {
    let data: Data
    let id: (Data.Element) -> ID
    let content: (Data.Element) -> Content
}

extension ForEach: View, _Leaf, DynamicViewContent where Content: View {
    public func _nodes() -> [Node] {
        var nodes = data.flatMap { content($0)._nodes() }
        if Set(data.map(id)).count != data.count, !nodes.isEmpty { nodes[0].problems.append("two rows have the same id") }
        return nodes
    }
    public init(_ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content) {
        self.init(data: data, id: { $0[keyPath: id] }, content: content)
    }
}

extension ForEach where Data.Element: Identifiable, ID == Data.Element.ID, Content: View {
    public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content) {
        self.init(data: data, id: { $0.id }, content: content)
    }
}

extension DynamicViewContent {
    public func onMove(perform action: ((IndexSet, Int) -> Void)?) -> some DynamicViewContent {
        Moving(base: self, moves: action != nil)
    }
    public func onDelete(perform action: ((IndexSet) -> Void)?) -> some DynamicViewContent { Moving(base: self, moves: false) }
}

private struct Moving<Base: View>: _Leaf, DynamicViewContent {
    let base: Base
    let moves: Bool
    func _nodes() -> [Node] {
        base._nodes().map {
            var node = $0
            node.moves = moves
            return node
        }
    }
}

public struct ContentUnavailableView<Label: View, Description: View, Actions: View>: _Leaf {
    let label: Label
    let description: Description
    let actions: Actions
    public init(
        @ViewBuilder label: () -> Label, @ViewBuilder description: () -> Description = { EmptyView() },
        @ViewBuilder actions: () -> Actions = { EmptyView() }
    ) {
        self.label = label()
        self.description = description()
        self.actions = actions()
    }
    public func _nodes() -> [Node] {
        var title = Node(.row, children: label._nodes())
        title.traits = .isHeader
        title.speech = .combine
        return [Node(.column, children: [title] + description._nodes() + inside(actions, sized: false))]
    }
}

public struct TimelineView<Schedule: TimelineSchedule, Content> {
    public struct Context { public let date: Date }
    let content: (TimelineViewDefaultContext) -> Content
}

public typealias TimelineViewDefaultContext = TimelineView<PeriodicTimelineSchedule, Never>.Context

extension TimelineView: View, _Leaf where Content: View {
    public init(_ schedule: Schedule, @ViewBuilder content: @escaping (TimelineViewDefaultContext) -> Content) {
        self.init(content: content)
    }
    /// The moment of every tree: 15 January 2027, 08:00:10 UTC.
    public func _nodes() -> [Node] { content(.init(date: Date(timeIntervalSince1970: 1_800_000_010)))._nodes() }
}

public protocol TimelineSchedule {}
public struct PeriodicTimelineSchedule: TimelineSchedule, Sendable {}
public struct AnimationTimelineSchedule: TimelineSchedule, Sendable {}
extension TimelineSchedule where Self == PeriodicTimelineSchedule {
    public static func periodic(from startDate: Date, by interval: TimeInterval) -> PeriodicTimelineSchedule { .init() }
}
extension TimelineSchedule where Self == AnimationTimelineSchedule {
    public static var animation: AnimationTimelineSchedule { .init() }
    public static func animation(minimumInterval: Double? = nil, paused: Bool = false) -> AnimationTimelineSchedule { .init() }
}
