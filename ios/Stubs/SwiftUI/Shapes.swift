public protocol ShapeStyle: Sendable {}

public struct Color: ShapeStyle, Hashable, View, _Leaf {
    public static let clear = Color(), black = Color(), white = Color(), primary = Color(), secondary = Color()
    public static let accentColor = Color(), red = Color()
    let name: String
    nonisolated init(name: String = "") { self.name = name }
    public nonisolated init(_ name: String, bundle: Bundle? = nil) { self.name = name }
    public nonisolated func opacity(_ opacity: Double) -> Color { self }
    public func _nodes() -> [Node] { [] }
}

public struct HierarchicalShapeStyle: ShapeStyle {
    public static let primary = HierarchicalShapeStyle(), secondary = HierarchicalShapeStyle()
    public static let tertiary = HierarchicalShapeStyle()
}
extension ShapeStyle where Self == HierarchicalShapeStyle {
    public static var primary: HierarchicalShapeStyle { .init() }
    public static var secondary: HierarchicalShapeStyle { .init() }
    public static var tertiary: HierarchicalShapeStyle { .init() }
}
public struct BackgroundStyle: ShapeStyle {}
extension ShapeStyle where Self == BackgroundStyle {
    public static var background: BackgroundStyle { .init() }
}
public struct TintShapeStyle: ShapeStyle {}
extension ShapeStyle where Self == TintShapeStyle {
    public static var tint: TintShapeStyle { .init() }
}
public struct Material: ShapeStyle { public static let regularMaterial = Material(), bar = Material() }
extension ShapeStyle where Self == Material {
    public static var regularMaterial: Material { .init() }
    public static var bar: Material { .init() }
}
extension ShapeStyle where Self == Color {
    public static var clear: Color { .init() }
    public static var white: Color { .init() }
    public static var black: Color { .init() }
}

public struct Angle: Sendable {
    public static func degrees(_ degrees: Double) -> Angle { Angle() }
    public static let zero = Angle()
}

public struct StrokeStyle: Equatable, Sendable {
    public init(lineWidth: CGFloat = 1, lineCap: CGLineCap = .butt) {}
}
public enum CGLineCap: Sendable { case butt, round, square }

@MainActor @preconcurrency
public protocol Shape: View {}

public struct Circle: Shape, _Leaf {
    public nonisolated init() {}
    public func _nodes() -> [Node] { [Node(.shape, "circle")] }
}
public struct Capsule: Shape, _Leaf {
    public nonisolated init() {}
    public func _nodes() -> [Node] { [Node(.shape, "capsule")] }
}
public struct Rectangle: Shape, _Leaf {
    public nonisolated init() {}
    public func _nodes() -> [Node] { [Node(.shape, "rectangle")] }
}
public struct RoundedRectangle: Shape, _Leaf {
    public nonisolated init(cornerRadius: CGFloat) {}
    public func _nodes() -> [Node] { [Node(.shape, "rectangle")] }
}

public struct _Drawn<Base: Shape>: Shape, _Leaf {
    let base: Base
    let part: Double?
    public func _nodes() -> [Node] {
        base._nodes().map {
            var node = $0
            node.value = part.map { "\(Int(($0 * 100).rounded())) %" } ?? node.value
            return node
        }
    }
}

extension Shape {
    public func trim(from startFraction: CGFloat = 0, to endFraction: CGFloat = 1) -> some Shape {
        _Drawn(base: self, part: Double(endFraction))
    }
    public func stroke<S: ShapeStyle>(_ content: S, lineWidth: CGFloat = 1) -> some View { _Drawn(base: self, part: nil) }
    public func stroke<S: ShapeStyle>(_ content: S, style: StrokeStyle) -> some View { _Drawn(base: self, part: nil) }
    public func fill<S: ShapeStyle>(_ content: S) -> some View { _Drawn(base: self, part: nil) }
}

extension Shape where Self == RoundedRectangle {
    public static func rect(cornerRadius: CGFloat) -> RoundedRectangle { .init(cornerRadius: cornerRadius) }
}
extension Shape where Self == Rectangle { public static var rect: Rectangle { .init() } }
extension Shape where Self == Circle { public static var circle: Circle { .init() } }
extension Shape where Self == Capsule { public static var capsule: Capsule { .init() } }
