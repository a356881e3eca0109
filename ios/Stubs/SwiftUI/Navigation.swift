public struct NavigationStack<Data, Root: View>: _Leaf {
    let root: Root
    let path: [AnyHashable]
    public init(@ViewBuilder root: () -> Root) where Data == Never {
        self.root = root()
        path = []
    }
    public init(path: Binding<Data>, @ViewBuilder root: () -> Root)
    where Data: MutableCollection & RandomAccessCollection & RangeReplaceableCollection, Data.Element: Hashable {
        self.root = root()
        self.path = path.wrappedValue.map { AnyHashable($0) }
    }
    /// What lies on top of the stack; below it the root.
    public func _nodes() -> [Node] {
        let nodes = root._nodes()
        guard let top = path.last else { return nodes }
        for node in nodes.flatMap(\.all) {
            for draw in node.destinations {
                if let drawn = draw(top) { return drawn }
            }
        }
        var lost = Node(.group)
        lost.problems.append("no destination for what is on the stack")
        return [lost]
    }
}

public struct NavigationSplitView<Sidebar: View, Detail: View>: _Leaf {
    let sidebar: Sidebar
    let detail: Detail
    public init(@ViewBuilder sidebar: () -> Sidebar, @ViewBuilder detail: () -> Detail) {
        self.sidebar = sidebar()
        self.detail = detail()
    }
    public func _nodes() -> [Node] { sidebar._nodes() + detail._nodes() }
}

public struct NavigationLink<Label: View, Destination: View>: _Leaf {
    let label: Label
    public func _nodes() -> [Node] {
        var node = Node(.link, children: label._nodes())
        node.systemSized = EnvironmentValues.current.systemSized
        return [node]
    }
}

extension NavigationLink where Destination == Never {
    public init<P: Hashable>(value: P?, @ViewBuilder label: () -> Label) { self.label = label() }
}

extension NavigationLink where Destination == Never, Label == Text {
    @_disfavoredOverload public init<S: StringProtocol, P: Hashable>(_ title: S, value: P?) { label = Text(title) }
}

public enum NavigationBarItem {
    public enum TitleDisplayMode: Sendable { case automatic, inline, large }
}

public struct ToolbarItemPlacement: Sendable {
    public static let automatic = ToolbarItemPlacement(), principal = ToolbarItemPlacement()
    public static let primaryAction = ToolbarItemPlacement(), topBarLeading = ToolbarItemPlacement()
    public static let topBarTrailing = ToolbarItemPlacement(), bottomBar = ToolbarItemPlacement()
    public static let confirmationAction = ToolbarItemPlacement(), cancellationAction = ToolbarItemPlacement()
    public static let destructiveAction = ToolbarItemPlacement(), keyboard = ToolbarItemPlacement()
}

@MainActor @preconcurrency
public protocol ToolbarContent {
    func _nodes() -> [Node]
}

public struct ToolbarItem<ID, Content: View>: ToolbarContent {
    let content: Content
    public init(placement: ToolbarItemPlacement = .automatic, @ViewBuilder content: () -> Content) where ID == () {
        self.content = content()
    }
    public func _nodes() -> [Node] { content._nodes() }
}

public struct ToolbarItemGroup<Content: View>: ToolbarContent {
    let content: Content
    public init(placement: ToolbarItemPlacement = .automatic, @ViewBuilder content: () -> Content) {
        self.content = content()
    }
    public func _nodes() -> [Node] { content._nodes() }
}

public struct _ToolbarMany: ToolbarContent {
    let items: [any ToolbarContent]
    public func _nodes() -> [Node] { items.flatMap { $0._nodes() } }
}

@resultBuilder
public struct ToolbarContentBuilder {
    @MainActor public static func buildExpression<C: ToolbarContent>(_ content: C) -> C { content }
    @MainActor public static func buildBlock<C: ToolbarContent>(_ content: C) -> some ToolbarContent { content }
    @MainActor public static func buildBlock<each C: ToolbarContent>(_ content: repeat each C) -> some ToolbarContent {
        var items: [any ToolbarContent] = []
        repeat items.append(each content)
        return _ToolbarMany(items: items)
    }
    @MainActor public static func buildIf<C: ToolbarContent>(_ content: C?) -> some ToolbarContent {
        _ToolbarMany(items: content.map { [$0] } ?? [])
    }
    @MainActor public static func buildEither<A: ToolbarContent>(first: A) -> _ToolbarMany { _ToolbarMany(items: [first]) }
    @MainActor public static func buildEither<A: ToolbarContent>(second: A) -> _ToolbarMany { _ToolbarMany(items: [second]) }
}

public struct PresentationDetent: Hashable, Sendable {
    public static let medium = PresentationDetent(), large = PresentationDetent()
}

public enum Visibility: Hashable, CaseIterable, Sendable { case automatic, visible, hidden }
public struct SearchFieldPlacement: Sendable {
    public static let automatic = SearchFieldPlacement(), toolbar = SearchFieldPlacement()
}

/// Draws what the system sizes by itself: buttons of alerts, toolbars, swipes.
@MainActor
private func sized(_ draw: @MainActor () -> [Node]) -> [Node] {
    var values = EnvironmentValues.current
    values.systemSized = true
    return EnvironmentValues.with(values, draw)
}

/// Draws what lies over the screen: not disabled with it, and not sized by its list.
@MainActor
private func over(_ kind: Node.Kind, _ label: String = "", sized: Bool = false, _ draw: @MainActor () -> [Node]) -> [Node] {
    var values = EnvironmentValues.current
    values.systemSized = sized
    values.isEnabled = true
    return EnvironmentValues.with(values) { [Node(kind, label, children: draw())] }
}

extension View {
    public func navigationDestination<D: Hashable, C: View>(
        for data: D.Type, @ViewBuilder destination: @escaping (D) -> C
    ) -> some View {
        followed {
            var node = Node(.group)
            node.destinations = [{ ($0.base as? D).map { destination($0)._nodes() } }]
            return [node]
        }
    }
    public func navigationTitle<S: StringProtocol>(_ title: S) -> some View {
        let text = String(title)
        return _Made {
            var node = Node(.title, text)
            node.traits = .isHeader
            return [node] + self._nodes()
        }
    }
    public func navigationBarTitleDisplayMode(_ displayMode: NavigationBarItem.TitleDisplayMode) -> some View { self }
    public func navigationBarBackButtonHidden(_ hidesBackButton: Bool = true) -> some View { self }
    public func toolbar<Content: ToolbarContent>(@ToolbarContentBuilder content: () -> Content) -> some View {
        let content = content()
        return followed { [Node(.toolbar, children: sized { content._nodes() })] }
    }
    public func searchable<S: StringProtocol>(
        text: Binding<String>, placement: SearchFieldPlacement = .automatic, prompt: S
    ) -> some View {
        let prompt = String(prompt)
        return _Made {
            var node = Node(.search, prompt, value: text.wrappedValue)
            node.systemSized = true
            node.type = { text.wrappedValue = $0 }
            return [node] + self._nodes()
        }
    }
    public func sheet<Item: Identifiable, Content: View>(
        item: Binding<Item?>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping (Item) -> Content
    ) -> some View {
        followed { item.wrappedValue.map { item in over(.sheet) { content(item)._nodes() } } ?? [] }
    }
    public func sheet<Content: View>(
        isPresented: Binding<Bool>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping () -> Content
    ) -> some View {
        followed { isPresented.wrappedValue ? over(.sheet) { content()._nodes() } : [] }
    }
    public func fullScreenCover<Item: Identifiable, Content: View>(
        item: Binding<Item?>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping (Item) -> Content
    ) -> some View {
        followed { item.wrappedValue.map { item in over(.cover) { content(item)._nodes() } } ?? [] }
    }
    public func alert<S: StringProtocol, A: View, M: View>(
        _ title: S, isPresented: Binding<Bool>, @ViewBuilder actions: () -> A, @ViewBuilder message: () -> M
    ) -> some View {
        let title = String(title), actions = actions(), message = message()
        return followed {
            isPresented.wrappedValue ? over(.alert, title, sized: true) { message._nodes() + actions._nodes() } : []
        }
    }
    public func confirmationDialog<S: StringProtocol, A: View, M: View>(
        _ title: S, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic, @ViewBuilder actions: () -> A,
        @ViewBuilder message: () -> M
    ) -> some View {
        let title = String(title), actions = actions(), message = message()
        return followed {
            guard isPresented.wrappedValue else { return [] }
            return over(.dialog, title, sized: true) { message._nodes() + actions._nodes() }.map {
                var dialog = $0
                dialog.close = { isPresented.wrappedValue = false }
                return dialog
            }
        }
    }
    public func confirmationDialog<S: StringProtocol, A: View, M: View, T>(
        _ title: S, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic, presenting data: T?,
        @ViewBuilder actions: (T) -> A, @ViewBuilder message: (T) -> M
    ) -> some View {
        let title = String(title), actions = data.map { actions($0) }, message = data.map { message($0) }
        return followed {
            isPresented.wrappedValue && data != nil
                ? over(.dialog, title, sized: true) { message._nodes() + actions._nodes() } : []
        }
    }
    public func swipeActions<T: View>(
        edge: HorizontalEdge = .trailing, allowsFullSwipe: Bool = true, @ViewBuilder content: () -> T
    ) -> some View {
        let content = content()
        return each { node in node.swipes += sized { content._nodes() } }
    }
    public func contextMenu<MenuItems: View>(@ViewBuilder menuItems: () -> MenuItems) -> some View {
        let items = menuItems()
        return each { node in node.swipes += sized { items._nodes() } }
    }
    public func refreshable(action: @escaping @Sendable () async -> Void) -> some View { self }
    public func presentationDetents(_ detents: Set<PresentationDetent>) -> some View { self }
    public func interactiveDismissDisabled(_ isDisabled: Bool = true) -> some View { self }
    public func tag<V: Hashable>(_ tag: V) -> some View { each { $0.tag = AnyHashable(tag) } }
}

public enum HorizontalEdge: Sendable { case leading, trailing }
