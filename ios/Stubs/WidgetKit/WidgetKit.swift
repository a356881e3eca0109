// What the widget uses of WidgetKit. Nothing is drawn by the system: it compiles, and its views render to text.
@_exported import Foundation
import SwiftUI

public protocol WidgetConfiguration {}

@MainActor @preconcurrency
public protocol Widget {
    associatedtype Body: WidgetConfiguration
    @MainActor @preconcurrency var body: Body { get }
    init()
}

extension Widget {
    @MainActor public static func main() {}
}

public enum WidgetFamily: Sendable { case systemSmall, systemMedium, systemLarge, systemExtraLarge }
public struct TimelineProviderContext: Sendable { public init() {} }
public protocol TimelineEntry { var date: Date { get } }

public struct TimelineReloadPolicy: Equatable, Sendable {
    public static let never = Self(), atEnd = Self()
}

public struct Timeline<Entry: TimelineEntry> {
    public let entries: [Entry], policy: TimelineReloadPolicy
    public init(entries: [Entry], policy: TimelineReloadPolicy) { (self.entries, self.policy) = (entries, policy) }
}

public protocol TimelineProvider {
    associatedtype Entry: TimelineEntry
    typealias Context = TimelineProviderContext
    func placeholder(in context: Context) -> Entry
    func getSnapshot(in context: Context, completion: @escaping @Sendable (Entry) -> Void)
    func getTimeline(in context: Context, completion: @escaping @Sendable (Timeline<Entry>) -> Void)
}

public struct StaticConfiguration<Content: View>: WidgetConfiguration {
    @MainActor public init<P: TimelineProvider>(kind: String, provider: P, @ViewBuilder content: @escaping (P.Entry) -> Content) {}
}

extension WidgetConfiguration {
    public func configurationDisplayName<S: StringProtocol>(_ name: S) -> Self { self }
    public func description<S: StringProtocol>(_ description: S) -> Self { self }
    public func supportedFamilies(_ families: [WidgetFamily]) -> Self { self }
}

public final class WidgetCenter: Sendable {
    public static let shared = WidgetCenter()
    public func reloadAllTimelines() {}
}

extension EnvironmentValues {
    public var widgetFamily: WidgetFamily { .systemMedium }
}

public struct ContainerBackgroundPlacement: Sendable { public static let widget = Self() }
extension View {
    public func containerBackground<S: ShapeStyle>(_ style: S, for container: ContainerBackgroundPlacement) -> some View { self }
}
