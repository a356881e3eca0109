import AVFoundation
import KlinkCore
import KlinkModels
import SwiftUI
import UIKit

/// What the camera sees, as a view; its frames go to the scanner for as long as it is on the screen.
public struct CameraPicture: UIViewRepresentable {
    let scanner: KlinkModels.Scanner
    let found: @MainActor @Sendable ([ScannedCode]) -> Void

    public init(scanner: KlinkModels.Scanner, found: @escaping @MainActor @Sendable ([ScannedCode]) -> Void) {
        self.scanner = scanner
        self.found = found
    }

    public func makeCoordinator() -> CameraFeed { CameraFeed(scanner: scanner, found: found) }

    public func makeUIView(context: Context) -> PreviewView {
        let view = PreviewView()
        view.show(context.coordinator.session)
        context.coordinator.start()
        return view
    }

    public func updateUIView(_ view: PreviewView, context: Context) {}

    public static func dismantleUIView(_ view: PreviewView, coordinator: CameraFeed) { coordinator.stop() }
}

/// The layer in which the system draws the camera's picture.
public final class PreviewView: UIView {
    private let preview = AVCaptureVideoPreviewLayer()

    func show(_ session: AVCaptureSession) {
        preview.session = session
        preview.videoGravity = .resizeAspectFill
        layer.addSublayer(preview)
    }

    public override func layoutSubviews() {
        super.layoutSubviews()
        preview.frame = bounds
    }
}
