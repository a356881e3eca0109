import KlinkCore
import KlinkModels
import SwiftUI
import UIKit

/// One account: who, the code, and what is left of its time.
struct AccountRow: View {
    let row: AccountsModel.Row
    let model: AccountsModel
    @Environment(\.dynamicTypeSize) private var size

    var body: some View {
        Button { Task { await model.codeTapped(row.id) } } label: {
            if size.isAccessibilitySize {
                VStack(alignment: .leading) { names; code }
            } else {
                HStack { Mark(name: row.account.icon ?? row.account.issuer, logo: row.logo); names; Spacer(); code; ring }
            }
        }
        .accessibilityLabel([named(row.account.issuer, row.account.accountName), apart].compactMap { $0 }.joined(separator: ", "))
        .accessibilityValue(value)
        .accessibilityHint(say(row.isHidden ? "accounts.show_hint" : row.code == nil ? "accounts.next_hint" : "accounts.copy_hint"))
        .swipeActions {
            Button(say("accounts.delete"), role: .destructive) { Task { await model.deleteButtonTapped(row.id) } }
            Button(say("accounts.details")) { model.accountTapped(row.id) }
        }
        .contextMenu {
            Button(say(row.account.favorite ? "accounts.not_favourite" : "accounts.favourite")) {
                Task { await model.favouriteButtonTapped(row.id) }
            }
            if row.noCode == .counts, row.code != nil {
                Button(say("accounts.next_code")) { Task { await model.nextCodeButtonTapped(row.id) } }
            }
        }
    }

    private var names: some View {
        VStack(alignment: .leading) {
            Text(row.account.issuer.isEmpty ? named("", row.account.accountName) : row.account.issuer).font(.headline)
            if !row.account.issuer.isEmpty, !row.account.accountName.isEmpty {
                Text(row.account.accountName).font(.subheadline).foregroundStyle(.secondary)
            }
            if let apart { Text(apart).font(.footnote).foregroundStyle(.secondary) }
        }
    }

    @ViewBuilder private var code: some View {
        VStack(alignment: .trailing) {
            if row.isHidden {
                Text(verbatim: "•••\u{2009}•••").font(.system(.title2, design: .monospaced))
            } else if let code = row.code {
                Text(grouped(code)).font(.system(.title2, design: .monospaced)).privacySensitive()
            } else if let why = row.noCode {
                Text(say(message(for: why))).font(.subheadline)
            }
            if let next = row.next {
                Text(say("accounts.next", .text(grouped(next)))).font(.caption).foregroundStyle(.secondary).privacySensitive()
            }
        }
    }

    @ViewBuilder private var ring: some View {
        if let window = row.window { Ring(window: window) }
    }

    private var apart: String? { row.apart.map { say($0) } }

    /// The code, digit by digit.
    private var value: String {
        if row.isHidden { return say("accounts.hidden") }
        let next = row.next.map { say("accounts.next", .text(spoken($0))) }
        return [row.code.map { spoken($0) } ?? row.noCode.map { say(message(for: $0)) }, next].compactMap { $0 }.joined(separator: ", ")
    }
}

/// The picture of its service; the letter or sign that its owner chose, or the first letter of its name.
struct Mark: View {
    let name: String
    var logo: Data?
    var body: some View {
        ZStack {
            if let logo, let picture = UIImage(data: logo) {
                Image(uiImage: picture).resizable().scaledToFit().frame(width: 36, height: 36)
            } else {
                Circle().fill(.tertiary).frame(width: 36, height: 36)
                Text(name.prefix(1).uppercased()).font(.headline)
            }
        }
        .accessibilityHidden(true)
    }
}

/// The ring that closes while a code runs out; in whole seconds where motion is reduced.
struct Ring: View {
    let window: AccountsModel.Window
    @Environment(\.accessibilityReduceMotion) private var isStill

    var body: some View {
        TimelineView(.periodic(from: .now, by: isStill ? 5 : 1)) { context in
            let left = window.left(at: Int64(context.date.timeIntervalSince1970 * 1000))
            Circle().trim(from: 0, to: left)
                .stroke(Color.latch, style: StrokeStyle(lineWidth: 3, lineCap: .round))
                .rotationEffect(.degrees(-90))
                .animation(isStill ? nil : .linear(duration: 1), value: left)
                .frame(width: 24, height: 24)
        }
        .accessibilityHidden(true)
    }
}
