// What the upkeep uses of BackgroundTasks. Nothing is scheduled: it compiles.
import Foundation

open class BGTaskRequest: NSObject { public var earliestBeginDate: Date? }
open class BGAppRefreshTaskRequest: BGTaskRequest {
    public init(identifier: String) {}
}
open class BGTaskScheduler: NSObject, @unchecked Sendable {
    public static let shared = BGTaskScheduler()
    public func submit(_ request: BGTaskRequest) throws {}
}
