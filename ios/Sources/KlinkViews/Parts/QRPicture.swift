import CoreImage
import SwiftUI

/// A QR code on white with its quiet zone, in dark mode too.
struct QRPicture: View {
    let text: String

    var body: some View {
        if let picture {
            Image(decorative: picture, scale: 1)
                .interpolation(.none)
                .resizable()
                .frame(width: 240, height: 240)
                .padding(32)
                .background(Color.white)
                .accessibilityHidden(false)
                .accessibilityElement()
                .accessibilityLabel(say("account.qr"))
        }
    }

    private var picture: CGImage? {
        let filter = CIFilter(name: "CIQRCodeGenerator", parameters: ["inputMessage": Data(text.utf8), "inputCorrectionLevel": "M"])
        return filter?.outputImage.flatMap { CIContext().createCGImage($0, from: $0.extent) }
    }
}
