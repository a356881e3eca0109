@MainActor @preconcurrency
public protocol View {
    associatedtype Body: View
    @ViewBuilder @MainActor @preconcurrency var body: Body { get }
    /// The stand-in's own.
    func _nodes() -> [Node]
}

extension View {
    public func _nodes() -> [Node] { body._nodes() }
}

extension Never: View {
    public var body: Never { fatalError("a leaf has no body") }
}

/// A view of the stand-in's own: it says its nodes and has no body.
@MainActor
public protocol _Leaf: View where Body == Never {}

extension _Leaf {
    public var body: Never { fatalError("a leaf has no body") }
}

/// A leaf made of a closure.
public struct _Made: _Leaf {
    let make: @MainActor () -> [Node]
    public func _nodes() -> [Node] { make() }
}

@resultBuilder
public struct ViewBuilder {
    @MainActor public static func buildBlock() -> EmptyView { EmptyView() }
    @MainActor public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
    @MainActor public static func buildBlock<each Content: View>(
        _ content: repeat each Content
    ) -> TupleView<(repeat each Content)> {
        var views: [any View] = []
        repeat views.append(each content)
        return TupleView(views)
    }
    @MainActor public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    @MainActor public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
    @MainActor public static func buildEither<A: View, B: View>(first: A) -> _ConditionalContent<A, B> { .init(first) }
    @MainActor public static func buildEither<A: View, B: View>(second: B) -> _ConditionalContent<A, B> { .init(second) }
    @MainActor public static func buildLimitedAvailability<Content: View>(_ content: Content) -> AnyView {
        AnyView(content)
    }
}

public struct EmptyView: _Leaf {
    public nonisolated init() {}
    public func _nodes() -> [Node] { [] }
}

public struct TupleView<T>: _Leaf {
    let views: [any View]
    init(_ views: [any View]) { self.views = views }
    public func _nodes() -> [Node] { views.flatMap { $0._nodes() } }
}

public struct _ConditionalContent<TrueContent: View, FalseContent: View>: _Leaf {
    let view: any View
    init(_ view: any View) { self.view = view }
    public func _nodes() -> [Node] { view._nodes() }
}

public struct AnyView: _Leaf {
    let view: any View
    public init<V: View>(_ view: V) { self.view = view }
    public init<V: View>(erasing view: V) { self.view = view }
    public func _nodes() -> [Node] { view._nodes() }
}

extension Optional: View where Wrapped: View {
    public var body: Never { fatalError("a leaf has no body") }
    public func _nodes() -> [Node] { map { $0._nodes() } ?? [] }
}

@MainActor @preconcurrency
public protocol ViewModifier {
    associatedtype Body: View
    typealias Content = _ViewModifier_Content<Self>
    @ViewBuilder @MainActor @preconcurrency func body(content: Content) -> Body
}

public struct _ViewModifier_Content<Modifier: ViewModifier>: _Leaf {
    let view: any View
    public func _nodes() -> [Node] { view._nodes() }
}

public struct ModifiedContent<Content: View, Modifier: ViewModifier>: _Leaf {
    let content: Content
    let modifier: Modifier
    public func _nodes() -> [Node] { modifier.body(content: _ViewModifier_Content(view: content))._nodes() }
}

extension View {
    public func modifier<T: ViewModifier>(_ modifier: T) -> ModifiedContent<Self, T> {
        ModifiedContent(content: self, modifier: modifier)
    }

    /// Changes each node of this view.
    func each(_ change: @escaping @MainActor (inout Node) -> Void) -> some View {
        _Made {
            self._nodes().map {
                var node = $0
                change(&node)
                return node
            }
        }
    }

    /// Draws this view in a changed environment.
    func scoped(_ change: @escaping @MainActor (inout EnvironmentValues) -> Void) -> some View {
        _Made {
            var values = EnvironmentValues.current
            change(&values)
            return EnvironmentValues.with(values) { self._nodes() }
        }
    }

    /// Adds nodes after this view's.
    func followed(by more: @escaping @MainActor () -> [Node]) -> some View {
        _Made { self._nodes() + more() }
    }
}
