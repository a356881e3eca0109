/// A key of a catalogue. Klink's words come through one look-up and arrive as strings, so a literal that ends here was
/// forgotten: the warning is the stand-in's own.
public struct LocalizedStringKey: ExpressibleByStringInterpolation, Equatable, Sendable {
    let text: String
    @available(*, deprecated, message: "words come from the catalogue")
    public init(stringLiteral value: String) { text = value }
    @available(*, deprecated, message: "words come from the catalogue")
    public init(_ value: String) { text = value }
}

public struct Text: _Leaf, Equatable, Sendable {
    public struct DateStyle: Sendable { public static let time = DateStyle(), date = DateStyle() }

    let text: String
    var fixed = false
    public nonisolated init(_ key: LocalizedStringKey, tableName: String? = nil, bundle: Bundle? = nil, comment: StaticString? = nil) {
        text = key.text
    }
    @_disfavoredOverload public nonisolated init<S: StringProtocol>(_ content: S) { text = String(content) }
    public nonisolated init(verbatim content: String) { text = content }
    init(text: String, fixed: Bool) {
        self.text = text
        self.fixed = fixed
    }

    public func font(_ font: Font?) -> Text { Text(text: text, fixed: font?.fixed ?? fixed) }
    public init(timerInterval: ClosedRange<Date>, pauseTime: Date? = nil, countsDown: Bool = true, showsHours: Bool = true) { text = "left" }
    public func bold() -> Text { self }
    public func speechSpellsOutCharacters(_ value: Bool = true) -> Text { self }
    public func monospacedDigit() -> Text { Text(text: text, fixed: true) }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> Text { self }
    public static func + (lhs: Text, rhs: Text) -> Text { Text(text: lhs.text + rhs.text, fixed: lhs.fixed && rhs.fixed) }

    public func _nodes() -> [Node] {
        var node = Node(.text, text)
        node.fixedFont = fixed
        return [node]
    }
}

public struct Image: _Leaf, Equatable, Sendable {
    public enum Scale: Sendable { case small, medium, large }
    public enum Interpolation: Sendable { case none, low, medium, high }

    let name: String
    let decorative: Bool
    public nonisolated init(systemName: String) {
        name = systemName
        decorative = false
    }
    public nonisolated init(_ name: String, bundle: Bundle? = nil) {
        self.name = name
        decorative = false
    }
    public nonisolated init(decorative name: String, bundle: Bundle? = nil) {
        self.name = name
        decorative = true
    }
    @_disfavoredOverload
    nonisolated init(picture: String) {
        name = picture
        decorative = false
    }

    public func resizable() -> Image { self }
    public func interpolation(_ interpolation: Interpolation) -> Image { self }

    public func _nodes() -> [Node] {
        var node = Node(.image, name)
        node.hidden = decorative
        return [node]
    }
}

public struct Label<Title: View, Icon: View>: _Leaf {
    let title: Title
    let icon: Icon
    public init(@ViewBuilder title: () -> Title, @ViewBuilder icon: () -> Icon) {
        self.title = title()
        self.icon = icon()
    }
    public func _nodes() -> [Node] {
        let icons = icon._nodes().map {
            var node = $0
            node.hidden = true
            return node
        }
        return [Node(.row, children: icons + title._nodes())]
    }
}

extension Label where Title == Text, Icon == Image {
    public init(_ titleKey: LocalizedStringKey, systemImage name: String) {
        self.init(title: { Text(titleKey) }, icon: { Image(systemName: name) })
    }
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, systemImage name: String) {
        self.init(title: { Text(title) }, icon: { Image(systemName: name) })
    }
}

public struct Font: Hashable, Sendable {
    public enum TextStyle: CaseIterable, Sendable {
        case largeTitle, title, title2, title3, headline, subheadline, body, callout, footnote, caption, caption2
    }
    public enum Weight: Sendable { case regular, medium, semibold, bold }
    public enum Design: Sendable { case `default`, serif, rounded, monospaced }

    var fixed = false
    public static let largeTitle = Font(), title = Font(), title2 = Font(), title3 = Font(), headline = Font()
    public static let subheadline = Font(), body = Font(), callout = Font(), footnote = Font(), caption = Font()
    public static let caption2 = Font()
    public static func system(_ style: TextStyle, design: Design? = nil, weight: Weight? = nil) -> Font {
        Font(fixed: design == .monospaced)
    }
    public func monospacedDigit() -> Font { Font(fixed: true) }
    public func monospaced() -> Font { Font(fixed: true) }
    public func bold() -> Font { self }
    public func weight(_ weight: Weight) -> Font { self }
}

extension View {
    public func font(_ font: Font?) -> some View { each { if font?.fixed == true { $0.fixedFont = true } } }
    public func monospacedDigit() -> some View { each { $0.fixedFont = true } }
    public func bold(_ isActive: Bool = true) -> some View { self }
    public func fontWeight(_ weight: Font.Weight?) -> some View { self }
    public func imageScale(_ scale: Image.Scale) -> some View { self }
}
