import Foundation
import KlinkCore
import KlinkModels

extension KlinkModels.Clock {
    /// This phone's clocks.
    public static let live = Self(
        nowMs: { Date().unixMs },
        bootMs: {
            var time = timespec()
            // The one that goes on while the phone sleeps: Darwin and Linux name it differently.
            #if canImport(Darwin)
            clock_gettime(CLOCK_MONOTONIC, &time)
            #else
            clock_gettime(CLOCK_BOOTTIME, &time)
            #endif
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        },
        sleep: { until in try? await Task.sleep(for: .milliseconds(max(0, until - Date().unixMs))) })
}
