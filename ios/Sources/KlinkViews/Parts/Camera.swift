import KlinkCore
import KlinkModels
import PhotosUI
import SwiftUI

/// The camera's picture as a view; the app puts the real one into the environment.
public struct Camera: Sendable {
    let view: @MainActor @Sendable (KlinkModels.Scanner, @escaping @MainActor ([ScannedCode]) -> Void) -> AnyView

    public init(view: @escaping @MainActor @Sendable (KlinkModels.Scanner, @escaping @MainActor ([ScannedCode]) -> Void) -> AnyView) {
        self.view = view
    }
}

private struct CameraKey: EnvironmentKey {
    static let defaultValue = Camera { _, _ in AnyView(Color.black) }
}

extension EnvironmentValues {
    public var camera: Camera {
        get { self[CameraKey.self] }
        set { self[CameraKey.self] = newValue }
    }
}

/// What the camera sees, and what it read.
struct CameraView: View {
    let scanner: KlinkModels.Scanner
    let found: @MainActor ([ScannedCode]) -> Void
    @Environment(\.camera) private var camera

    var body: some View {
        camera.view(scanner, found)
            .ignoresSafeArea()
            .accessibilityElement()
            .accessibilityLabel(say("scan.camera"))
    }
}

/// Has the user choose one photo, and hands on its file.
struct PhotoButton: View {
    let take: @MainActor (Data) async -> Void
    @State private var picked: PhotosPickerItem?

    var body: some View {
        PhotosPicker(selection: $picked, matching: .images) {
            Label(say("scan.photo"), systemImage: "photo").frame(maxWidth: .infinity, minHeight: 44)
        }
        .onChange(of: picked) { _, item in
            Task {
                guard let bytes = try? await item?.loadTransferable(type: Data.self) else { return }
                picked = nil
                await take(bytes)
            }
        }
    }
}
