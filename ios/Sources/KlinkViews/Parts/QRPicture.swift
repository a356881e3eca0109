import KlinkCore
import SwiftUI

/// A QR code on white with its quiet zone, in dark mode too. What does not fit into one is said.
struct QRPicture: View {
    let text: String
    var label = "account.qr"

    var body: some View {
        if let code = qrCode(text: text) {
            Canvas { context, size in
                let module = size.width / CGFloat(code.size)
                for (place, isDark) in code.modules.enumerated() where isDark == 1 {
                    let (row, column) = place.quotientAndRemainder(dividingBy: Int(code.size))
                    let corner = CGPoint(x: CGFloat(column) * module, y: CGFloat(row) * module)
                    context.fill(Path(CGRect(origin: corner, size: CGSize(width: module, height: module))), with: .color(.black))
                }
            }
            .frame(width: 240, height: 240)
            .padding(32)
            .background(Color.white)
            .accessibilityElement()
            .accessibilityLabel(say(label))
        } else {
            Notice(text: say("qr.too_long"))
        }
    }
}

/// Codes for another camera, one after the other: by themselves, or by the buttons.
struct QRSequence: View {
    let texts: [String]
    @Binding var place: Int
    @State private var plays = true
    @Environment(\.accessibilityReduceMotion) private var isStill

    var body: some View {
        QRPicture(text: texts[min(place, texts.count - 1)], label: "qr.one")
            .task(id: place) {
                guard plays, !isStill, texts.count > 1, (try? await Task.sleep(for: .seconds(2))) != nil else { return }
                place = (place + 1) % texts.count
            }
        if texts.count > 1 {
            Text(say("qr.place", .text(String(place + 1)), .text(String(texts.count))))
            Button(say("qr.next")) { go(1) }
            Button(say("qr.previous")) { go(texts.count - 1) }
        }
    }

    private func go(_ steps: Int) {
        plays = false
        place = (place + steps) % texts.count
    }
}
