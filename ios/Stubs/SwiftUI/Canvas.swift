/// Where a canvas put its ink: rectangles alone.
public struct Path: Sendable {
    let rects: [CGRect]
    public init(_ rect: CGRect) { rects = [rect] }
}

public struct GraphicsContext {
    public struct Shading { public static func color(_ color: Color) -> Shading { Shading() } }
    final class Ink { var rects: [CGRect] = [] }
    let ink = Ink()
    public func fill(_ path: Path, with shading: Shading) { ink.rects += path.rects }
}

/// A drawing; it is drawn 240 points wide and high, and its ink can be read.
public struct Canvas<Symbols: View>: _Leaf {
    let draw: (inout GraphicsContext, CGSize) -> Void
    public func _nodes() -> [Node] {
        var context = GraphicsContext()
        draw(&context, CGSize(width: 240, height: 240))
        var node = Node(.image, "drawing")
        node.ink = context.ink.rects
        return [node]
    }
}

extension Canvas where Symbols == EmptyView {
    public init(renderer: @escaping (inout GraphicsContext, CGSize) -> Void) { draw = renderer }
}

/// A part that is shown when its button was tapped.
public struct DisclosureGroup<Label: View, Content: View>: _Leaf {
    let title: String
    let isExpanded: Binding<Bool>
    let content: Content
    public func _nodes() -> [Node] {
        let expanded = isExpanded
        var node = Node(.button, title, value: expanded.wrappedValue ? "expanded" : "collapsed")
        node.systemSized = EnvironmentValues.current.systemSized
        node.tap = { expanded.wrappedValue.toggle() }
        return [node] + (expanded.wrappedValue ? content._nodes() : [])
    }
}

extension DisclosureGroup where Label == Text {
    @_disfavoredOverload public init<S: StringProtocol>(_ label: S, isExpanded: Binding<Bool>, @ViewBuilder content: @escaping () -> Content) {
        title = String(label)
        self.isExpanded = isExpanded
        self.content = content()
    }
}
