import Foundation
import KlinkShared
import UIKit
import UniformTypeIdentifiers

/// Keeps what somebody shares until the app is opened, where it is shown and confirmed. Nothing is read in here.
final class ShareController: UIViewController {
    override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        let items = extensionContext?.inputItems.compactMap { $0 as? NSExtensionItem } ?? []
        let providers = items.flatMap { $0.attachments ?? [] }
        Task { await keep(providers) }
    }

    private func keep(_ providers: [NSItemProvider]) async {
        var kept = 0
        for provider in providers {
            guard let item = await Self.read(provider), let folder = AppGroup.file("inbox") else { continue }
            if (try? Inbox(folder: folder).leave(item)) == true { kept += 1 }
        }
        say(kept == providers.count && kept > 0 ? "share.kept" : "share.refused")
    }

    /// A text or link as it is; anything else as a file.
    private static func read(_ provider: NSItemProvider) async -> Inbox.Item? {
        let types = provider.registeredContentTypes
        guard let type = types.first(where: { $0.conforms(to: .image) }) ?? types.first(where: { !$0.conforms(to: .fileURL) })
        else { return nil }
        let bytes = await withCheckedContinuation { done in
            _ = provider.loadDataRepresentation(for: type) { bytes, _ in done.resume(returning: bytes) }
        }
        guard var bytes else { return nil }
        // Text that was marked has no name; a text file has one.
        let isText = type.conforms(to: .url) || (type.conforms(to: .plainText) && provider.suggestedName == nil)
        if type.conforms(to: .image), !type.conforms(to: .png), !type.conforms(to: .jpeg) {
            // What only Apple's own systems read becomes a picture that the core reads.
            guard let picture = UIImage(data: bytes)?.pngData() else { return nil }
            bytes = picture
        }
        return Inbox.Item(name: isText ? nil : provider.suggestedName ?? "shared", bytes: bytes)
    }

    private func say(_ key: String) {
        let alert = UIAlertController(title: nil, message: words(key), preferredStyle: .alert)
        alert.addAction(UIAlertAction(title: words("share.ok"), style: .default) { [weak self] _ in
            self?.extensionContext?.completeRequest(returningItems: nil)
        })
        present(alert, animated: true)
    }
}
