import Foundation
import KlinkModels
import KlinkShared
import UIKit
import WidgetKit

extension Phone {
    /// What extensions leave and get, the folder for backups, and the way to other apps.
    mutating func reachOutside() {
        spoolFolder = { AppGroup.file("spool")?.path }
        packFile = { AppGroup.file($0)?.path }
        keepPackKey = { SharedKey.keep($0) }
        packsChanged = { WidgetCenter.shared.reloadAllTimelines() }
        backupFolder = { PickedFolder.kept() }
        keepBackupFolder = { try PickedFolder.keep($0) }
        backgroundRefresh = {
            switch await UIApplication.shared.backgroundRefreshStatus {
            case .available: .granted
            case .denied, .restricted: .denied
            @unknown default: .notAsked
            }
        }
        if #available(iOS 26.0, *) {
            canHandOver = true
            handOver = { try await Exchange.handOver($0) }
        }
    }
}
