// What extensions use of Foundation that Apple's alone has.
import Foundation
import UniformTypeIdentifiers

open class NSExtensionContext: NSObject {
    public var inputItems: [Any] { [] }
    public func completeRequest(returningItems items: [Any]?, completionHandler: ((Bool) -> Void)? = nil) {}
    public func cancelRequest(withError error: any Error) {}
}

public final class NSExtensionItem: NSObject {
    public var attachments: [NSItemProvider]? { nil }
}

public final class NSItemProvider: NSObject {
    public var registeredContentTypes: [UTType] { [] }
    public var suggestedName: String? { nil }
    public func loadDataRepresentation(for type: UTType, completionHandler: @escaping @Sendable (Data?, (any Error)?) -> Void) -> Progress {
        Progress(totalUnitCount: 1)
    }
}

public final class NSUserActivity: NSObject {
    public var activityType: String { "" }
    public var userInfo: [AnyHashable: Any]? { nil }
}
