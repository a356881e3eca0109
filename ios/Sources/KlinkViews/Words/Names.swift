import KlinkCore

// What the core names by a case, as keys of the catalogue.

func key(for status: PreviewStatus) -> String {
    switch status {
    case .new: "status.new"
    case .needsPin: "status.needs_pin"
    case .duplicate: "status.duplicate"
    case .sameSecretOtherName: "status.other_name"
    case .sameNameOtherSecret: "status.other_secret"
    }
}

func key(for status: AddedStatus) -> String {
    switch status {
    case .new: "added.new"
    case .alreadyThere: "added.already_there"
    case .sameSecretOtherName: "added.other_name"
    case .sameNameOtherSecret: "added.other_secret"
    }
}

func key(for status: ComparedStatus) -> String {
    switch status {
    case .same: "compared.same"
    case .missing: "compared.missing"
    case .sameCredential: "compared.same_credential"
    case .damagedHere: "compared.damaged_here"
    case .newerThere: "compared.newer_there"
    case .olderThere: "compared.older_there"
    case .differs: "compared.differs"
    case .counterForked: "compared.counter_forked"
    case .damagedThere: "compared.damaged_there"
    }
}

func key(for source: SalvageSource) -> String {
    switch source {
    case .file: "salvage.file"
    case .snapshotForDamaged: "salvage.snapshot_for_damaged"
    case .snapshotAlone: "salvage.snapshot_alone"
    case .snapshotNewer: "salvage.snapshot_newer"
    }
}

func key(for format: ExportFormat) -> String {
    switch format {
    case .uriList: "export.links"
    case .aegis: "export.sealed"
    case .googleMigration: "export.google"
    case .sheet: "export.sheet"
    case .cxf: "export.exchange"
    case .codes: "export.codes"
    }
}

func key(for kind: AccountKind) -> String {
    switch kind {
    case .totp: "kind.time"
    case .hotp: "kind.counter"
    case .steam: "kind.steam"
    case .motp: "kind.motp"
    case .yandex: "kind.yandex"
    case .unknown: "kind.unknown"
    }
}
