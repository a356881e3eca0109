import UIKit
import UniformTypeIdentifiers

public protocol Transferable {}
extension Data: Transferable {}
extension String: Transferable {}

/// The button of a picker of photos.
public struct _Picker<Label: View>: _Leaf {
    let label: Label
    public init(_ label: Label) { self.label = label }
    public func _nodes() -> [Node] {
        let inside = label._nodes()
        var node = Node(.photos, children: inside)
        node.systemSized = EnvironmentValues.current.systemSized
        node.minHeight = inside.map(\.minHeight).max() ?? 0
        node.minWidth = inside.map(\.minWidth).max() ?? 0
        return [node]
    }
}

/// The system's own paste button, with the system's own word.
public struct PasteButton: _Leaf {
    public init<T: Transferable>(payloadType: T.Type, onPaste: @escaping ([T]) -> Void) {}
    public func _nodes() -> [Node] {
        var node = Node(.button, EnvironmentValues.current.locale.identifier == "nl" ? "Plakken" : "Paste")
        node.minWidth = 44
        return [node]
    }
}

extension Image {
    public init(uiImage: UIImage) { self.init(decorative: "picture") }
}

extension View {
    public func fileImporter(
        isPresented: Binding<Bool>, allowedContentTypes: [UTType], allowsMultipleSelection: Bool,
        onCompletion: @escaping (Result<[URL], any Error>) -> Void
    ) -> some View { self }
    public func fileMover(
        isPresented: Binding<Bool>, file: URL?, onCompletion: @escaping (Result<URL, any Error>) -> Void,
        onCancellation: @escaping () -> Void
    ) -> some View { followed { isPresented.wrappedValue ? [Node(.files)] : [] } }
}

extension URL {
    public func startAccessingSecurityScopedResource() -> Bool { true }
    public func stopAccessingSecurityScopedResource() {}
    public func bookmarkData() throws -> Data { Data(path.utf8) }
    public init(resolvingBookmarkData data: Data, bookmarkDataIsStale: inout Bool) throws {
        self.init(fileURLWithPath: String(decoding: data, as: UTF8.self))
    }
}
