extension Node {
    /// This screen as text, for people: titles, lines, `[ buttons ]`, `(buttons that are off)`, `|fields|`.
    public var drawing: String {
        lines.map { $0.replacingOccurrences(of: "\u{2007}", with: " ") }.joined(separator: "\n")
    }

    private var lines: [String] {
        switch kind {
        case .text: return label.isEmpty ? [] : label.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        case .title: return [label, String(repeating: "=", count: label.count), ""]
        case .header: return ["", words, String(repeating: "-", count: words.count)]
        case .footer: return children.flatMap(\.lines).map { "  \($0)" } + [""]
        case .image: return hidden ? [] : ["<\(spokenLabel ?? label)>"]
        case .shape: return value == nil ? [] : ["◯ \(value ?? "")"]
        case .button, .photos: return [button]
        case .link: return ["\(face) ›"]
        case .menu: return ["[ \(children.dropLast().map(\.face).joined(separator: " ")) ▾ ]"]
        case .toggle: return ["[\(value == "on" ? "x" : " ")] \(face)"]
        case .field, .secureField: return ["\(label): |\(value ?? "")|" + (keyboard.map { "  {\($0)}" } ?? "") + (enabled ? "" : "  off")]
        case .search: return ["🔍 |\(value ?? "")| \(label)", ""]
        case .picker: return ["\(label):"] + children.map { "  (\($0.value == nil ? " " : "•")) \($0.label)" }
        case .option: return [label]
        case .stepper: return ["\(label): − \(value ?? "") +"]
        case .progress: return [label.isEmpty ? "… \(value ?? "")" : "… \(label) \(value ?? "")"]
        case .platform: return ["+--------------------------+", "|  \(label)", "+--------------------------+"]
        case .row:
            let parts = children.map(\.lines).filter { !$0.isEmpty }
            if parts.allSatisfy({ $0.count == 1 }) { return parts.isEmpty ? [] : [parts.map { $0[0] }.joined(separator: "  ")] }
            return parts.flatMap { $0 }
        case .sheet, .cover: return ["", "═══ over the screen ═══"] + inside
        case .alert, .dialog: return ["", "┌ \(label)"] + inside.map { "│ \($0)" } + ["└"]
        case .toolbar: return children.isEmpty ? [] : ["", "bar: " + children.flatMap(\.lines).joined(separator: "  ")]
        case .list, .form, .section, .column, .layers, .scroll, .group: return inside
        case .space, .divider, .files: return []
        }
    }

    private var inside: [String] {
        children.flatMap { child in
            child.lines + (child.swipes.isEmpty ? [] : ["    ⇠ " + child.swipes.map { "[\($0.words)]" }.joined(separator: " ")])
        }
    }

    /// What is written on a control, on one line.
    private var face: String {
        let written = children.flatMap(\.lines).joined(separator: "  ")
        return written.isEmpty ? (spokenLabel ?? label) : written
    }

    private var button: String {
        if !enabled { return "( \(face) )" }
        return prominent ? "[[ \(face) ]]" : "[ \(face) ]"
    }
}
