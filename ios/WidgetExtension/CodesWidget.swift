import AppIntents
import Foundation
import KlinkShared
import SwiftUI
import WidgetKit

/// Codes of the accounts that were chosen in the app. They are hidden until somebody taps, and hidden again after a minute.
@main struct CodesWidget: Widget {
    var body: some WidgetConfiguration {
        StaticConfiguration(kind: "codes", provider: CodesProvider()) { CodesView(entry: $0) }
            .configurationDisplayName(words("widget.name"))
            .description(words("widget.about"))
            .supportedFamilies([.systemSmall, .systemMedium, .systemLarge])
    }
}

struct CodesEntry: TimelineEntry {
    let date: Date
    /// None when the pack is missing or over: the app has to be opened.
    let accounts: [Pack.Account]
    let isShown: Bool

    var ms: Int64 { Int64(date.timeIntervalSince1970 * 1000) }
}

struct CodesProvider: TimelineProvider {
    func placeholder(in context: Context) -> CodesEntry { CodesEntry(date: .now, accounts: [], isShown: false) }

    func getSnapshot(in context: Context, completion: @escaping (CodesEntry) -> Void) {
        completion(CodesEntry(date: .now, accounts: Pack.read("widget")?.accounts ?? [], isShown: false))
    }

    func getTimeline(in context: Context, completion: @escaping (Timeline<CodesEntry>) -> Void) {
        completion(Timeline(entries: Self.entries(Pack.read("widget"), .now, shownUntil: Shown.until), policy: .never))
    }

    /// What is drawn from now on. The app draws anew when it has written a new pack.
    static func entries(_ pack: Pack?, _ now: Date, shownUntil: Date) -> [CodesEntry] {
        guard let pack else { return [CodesEntry(date: now, accounts: [], isShown: false)] }
        let ms = { (date: Date) in Int64(date.timeIntervalSince1970 * 1000) }
        return pack.moments(fromMs: ms(now), shownUntilMs: ms(shownUntil)).map { moment in
            let date = Date(timeIntervalSince1970: Double(moment) / 1000)
            return CodesEntry(date: date, accounts: moment < pack.untilMs ? pack.accounts : [], isShown: moment < ms(shownUntil))
        }
    }
}

/// Until when codes are shown: a moment in a file that is the widget's own.
enum Shown {
    static var until: Date {
        guard let file = AppGroup.file("shown"), let text = try? String(contentsOf: file, encoding: .utf8), let s = Double(text)
        else { return .distantPast }
        // A clock that was set back does not show them for long.
        return min(Date(timeIntervalSince1970: s), .now + 60)
    }

    static func begin() {
        if let file = AppGroup.file("shown") { try? "\(Date.now.timeIntervalSince1970 + 60)".write(to: file, atomically: true, encoding: .utf8) }
    }
}

/// Somebody tapped the widget. The system asks for a look or a finger first where the phone is locked, and draws anew after.
struct ShowCodes: AppIntent {
    static let title: LocalizedStringResource = "widget.show"
    static let authenticationPolicy = IntentAuthenticationPolicy.requiresLocalDeviceAuthentication

    func perform() async throws -> some IntentResult {
        Shown.begin()
        return .result()
    }
}

struct CodesView: View {
    let entry: CodesEntry
    @Environment(\.widgetFamily) private var family

    var body: some View {
        Group {
            if entry.accounts.isEmpty {
                Text(words("widget.open")).font(.footnote)
            } else if entry.isShown {
                rows
            } else {
                Button(intent: ShowCodes()) { rows }.buttonStyle(.plain).accessibilityHint(words("widget.show"))
            }
        }
        .containerBackground(.background, for: .widget)
    }

    private var rows: some View {
        VStack(alignment: .leading, spacing: 8) {
            ForEach(entry.accounts.prefix(room)) { account in
                VStack(alignment: .leading) {
                    Text(verbatim: account.issuer.isEmpty ? account.accountName : account.issuer).font(.caption).lineLimit(1)
                    if entry.isShown, let code = account.code(atMs: entry.ms) {
                        HStack {
                            Text(verbatim: code).speechSpellsOutCharacters().font(.system(.title3, design: .monospaced)).privacySensitive()
                            if let end = account.endMs(atMs: entry.ms) {
                                Text(timerInterval: entry.date...Date(timeIntervalSince1970: Double(end) / 1000)).font(.caption2)
                            }
                        }
                    } else {
                        Text(verbatim: "••• •••").font(.system(.title3, design: .monospaced)).accessibilityLabel(words("widget.hidden"))
                    }
                }
            }
        }
    }

    private var room: Int { family == .systemSmall ? 2 : family == .systemMedium ? 3 : 7 }
}
