/// What a tree is drawn in. The stand-in keeps the current one while it draws.
public struct EnvironmentValues {
    public var isEnabled = true
    public var dynamicTypeSize = DynamicTypeSize.large
    public var accessibilityReduceMotion = false
    public var accessibilityVoiceOverEnabled = false
    public var accessibilityDifferentiateWithoutColor = false
    public var scenePhase = ScenePhase.active
    public var horizontalSizeClass: UserInterfaceSizeClass? = .compact
    public var verticalSizeClass: UserInterfaceSizeClass? = .regular
    public var colorScheme = ColorScheme.light
    public var locale = Locale(identifier: "en")
    public var isPresented = false
    public var dismiss = DismissAction()
    public var openURL = OpenURLAction()
    /// The stand-in's own: whether the system gives what is drawn now a size of its own.
    var systemSized = false
    var objects: [ObjectIdentifier: AnyObject] = [:]
    var own: [ObjectIdentifier: Any] = [:]

    public init() {}

    @MainActor static var current = EnvironmentValues()

    @MainActor static func with<Result>(_ values: EnvironmentValues, _ draw: () -> Result) -> Result {
        let before = current
        current = values
        defer { current = before }
        return draw()
    }
}

@propertyWrapper @MainActor @preconcurrency
public struct Environment<Value> {
    private let keyPath: KeyPath<EnvironmentValues, Value>?
    public init(_ keyPath: KeyPath<EnvironmentValues, Value>) { self.keyPath = keyPath }
    public init(_ objectType: Value.Type) where Value: AnyObject & Observable { keyPath = nil }
    public var wrappedValue: Value {
        let values = EnvironmentValues.current
        if let keyPath { return values[keyPath: keyPath] }
        guard let object = values.objects.values.first(where: { $0 is Value }) as? Value else {
            fatalError("no \(Value.self) in the environment")
        }
        return object
    }
}

public struct DismissAction {
    @MainActor public func callAsFunction() {}
}

public struct OpenURLAction {
    @MainActor public func callAsFunction(_ url: URL) {}
}

public enum ScenePhase: Comparable, Hashable, Sendable { case background, inactive, active }
public enum UserInterfaceSizeClass: Hashable, Sendable { case compact, regular }
public enum ColorScheme: CaseIterable, Hashable, Sendable { case light, dark }
public enum DynamicTypeSize: Comparable, Hashable, CaseIterable, Sendable {
    case xSmall, small, medium, large, xLarge, xxLarge, xxxLarge
    case accessibility1, accessibility2, accessibility3, accessibility4, accessibility5
    public var isAccessibilitySize: Bool { self >= .accessibility1 }
}

public protocol EnvironmentKey {
    associatedtype Value
    static var defaultValue: Value { get }
}

extension EnvironmentValues {
    public subscript<K: EnvironmentKey>(key: K.Type) -> K.Value {
        get { own[ObjectIdentifier(key)] as? K.Value ?? K.defaultValue }
        set { own[ObjectIdentifier(key)] = newValue }
    }
}

extension View {
    public func environment<V>(_ keyPath: WritableKeyPath<EnvironmentValues, V>, _ value: V) -> some View {
        scoped { $0[keyPath: keyPath] = value }
    }
    public func environment<T: AnyObject & Observable>(_ object: T?) -> some View {
        scoped { $0.objects[ObjectIdentifier(T.self)] = object }
    }
    public func disabled(_ disabled: Bool) -> some View {
        scoped { $0.isEnabled = $0.isEnabled && !disabled }
    }
    public func dynamicTypeSize(_ size: DynamicTypeSize) -> some View { scoped { $0.dynamicTypeSize = size } }
}
