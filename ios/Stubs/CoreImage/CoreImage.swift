// A stand-in for the part of Core Image that Klink uses. Its pictures are empty.
@_exported import Foundation

public final class CGImage {}

public final class CIImage {
    public var extent: CGRect { CGRect(x: 0, y: 0, width: 33, height: 33) }
}

public class CIFilter {
    let name: String
    /// Knows the one filter that the app asks for.
    public init?(name: String, parameters params: [String: Any]?) {
        guard name == "CIQRCodeGenerator", params?["inputMessage"] is Data else { return nil }
        self.name = name
    }
    public var outputImage: CIImage? { CIImage() }
}

public final class CIContext {
    public init(options: [String: Any]? = nil) {}
    public func createCGImage(_ image: CIImage, from fromRect: CGRect) -> CGImage? { CGImage() }
}
