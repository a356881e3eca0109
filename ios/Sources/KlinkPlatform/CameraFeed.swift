import AVFoundation
import Foundation
import KlinkCore
import KlinkModels

/// The camera's frames, handed to a scanner on the camera's own queue. Frames that come meanwhile are dropped.
public final class CameraFeed: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate, Sendable {
    public let session = AVCaptureSession()
    private let queue = DispatchQueue(label: "app.klink.camera")
    private let scanner: KlinkModels.Scanner
    private let found: @MainActor @Sendable ([ScannedCode]) -> Void

    public init(scanner: KlinkModels.Scanner, found: @escaping @MainActor @Sendable ([ScannedCode]) -> Void) {
        self.scanner = scanner
        self.found = found
        super.init()
    }

    public func start() {
        queue.async { [self] in
            guard let camera = AVCaptureDevice.default(for: .video), let input = try? AVCaptureDeviceInput(device: camera)
            else { return }
            let output = AVCaptureVideoDataOutput()
            output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_420YpCbCr8BiPlanarFullRange]
            output.alwaysDiscardsLateVideoFrames = true
            output.setSampleBufferDelegate(self, queue: queue)
            session.beginConfiguration()
            if session.canAddInput(input) { session.addInput(input) }
            if session.canAddOutput(output) { session.addOutput(output) }
            session.commitConfiguration()
            session.startRunning()
        }
    }

    public func stop() { queue.async { [self] in session.stopRunning() } }

    public func captureOutput(
        _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
    ) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer), CVPixelBufferLockBaseAddress(frame, .readOnly) == 0
        else { return }
        defer { _ = CVPixelBufferUnlockBaseAddress(frame, .readOnly) }
        // The first plane is the brightness, which is all that a code needs; it is read where it lies.
        guard let base = CVPixelBufferGetBaseAddressOfPlane(frame, 0) else { return }
        let (width, height) = (CVPixelBufferGetWidthOfPlane(frame, 0), CVPixelBufferGetHeightOfPlane(frame, 0))
        let stride = CVPixelBufferGetBytesPerRowOfPlane(frame, 0)
        let luma = Data(bytesNoCopy: base, count: stride * (height - 1) + width, deallocator: .none)
        let codes = (try? scanner.takeFrame(luma, Int32(width), Int32(height), Int32(stride))) ?? []
        guard !codes.isEmpty else { return }
        let found = found
        Task { @MainActor in found(codes) }
    }
}
