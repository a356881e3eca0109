import KlinkCore

// Every error of the core as a sentence: the only place where that is decided. A new case does not compile until it has
// a sentence here, and the tests fail until the catalogue has it in both languages.

/// Returns what a person is told of an error.
public func message(for error: any Error) -> Sentence {
    switch error {
    case let error as VaultError: message(for: error)
    case let error as PushError: message(for: error)
    case let error as TransferError: message(for: error)
    case let error as ScanError: message(for: error)
    case let error as KeyStoreError: message(for: error)
    // A panic that the library did not catch has no type of ours.
    default: Sentence("error.internal", .text(""))
    }
}

public func message(for error: VaultError) -> Sentence {
    switch error {
    case .Locked: Sentence("error.vault.locked")
    case .WrongState(.alreadyUnlocked): Sentence("error.state.already_unlocked")
    case .WrongState(.suspended): Sentence("error.state.suspended")
    case .WrongState(.noVault): Sentence("error.state.no_vault")
    case .WrongState(.vaultExists): Sentence("error.state.vault_exists")
    case .WrongState(.previousVault): Sentence("error.state.previous_vault")
    case .NotConfirmed: Sentence("error.vault.not_confirmed")
    case .RecoveryCode(.character(let place)): Sentence("error.recovery_code.character", .text(String(place + 1)))
    case .RecoveryCode(.length(let letters)): Sentence("error.recovery_code.length", .count(Int(letters)))
    case .RecoveryCode(.check): Sentence("error.recovery_code.check")
    case .RecoveryCode(.differs): Sentence("error.recovery_code.differs")
    case .WrongKey: Sentence("error.vault.wrong_key")
    case .TooSoon(let waitMs): Sentence("error.vault.too_soon", .count(Int((waitMs + 999) / 1000)))
    case .WayIn(.none): Sentence("error.way_in.none")
    case .WayIn(.damaged): Sentence("error.way_in.damaged")
    case .WayIn(.tooExpensive): Sentence("error.way_in.too_expensive")
    case .WayIn(.needsPortable): Sentence("error.way_in.needs_portable")
    case .ReadOnly(let reason): message(for: reason)
    case .Account(.notThere): Sentence("error.account.not_there")
    case .Account(.noSuchGroup): Sentence("error.account.no_such_group")
    case .Account(.unreadable): Sentence("error.account.unreadable")
    case .Account(.noCode(let why)): message(for: why)
    case .Account(.doesNotCount): Sentence("error.account.does_not_count")
    case .Account(.counterAtEnd): Sentence("error.account.counter_at_end")
    case .Account(.tooLarge): Sentence("error.account.too_large")
    case .Storage(.busy): Sentence("error.storage.busy")
    case .Storage(.diskFull): Sentence("error.storage.disk_full")
    case .Storage(.changedOutside): Sentence("error.storage.changed_outside")
    case .Storage(.damaged): Sentence("error.storage.damaged")
    case .Storage(.notReadable): Sentence("error.storage.not_readable")
    case .Storage(.noRandomness): Sentence("error.storage.no_randomness")
    case .Storage(.tooLarge): Sentence("error.storage.too_large")
    case .Storage(.folder(let why)): message(for: why)
    case .Storage(.generations): Sentence("error.internal", .text("generations"))
    case .KeyStore(let kind): message(for: kind)
    case .Internal(let report): Sentence("error.internal", .text(report))
    }
}

public func message(for reason: ReadOnlyReason) -> Sentence {
    switch reason {
    case .newerFormat: Sentence("trouble.newer_format")
    case .damagedRows: Sentence("trouble.damaged_rows")
    case .tampered: Sentence("trouble.tampered")
    case .rolledBack: Sentence("trouble.rolled_back")
    case .otherBranch: Sentence("trouble.other_branch")
    case .noAnchor: Sentence("trouble.no_anchor")
    case .anchorTorn: Sentence("trouble.anchor_torn")
    case .anchorUnavailable: Sentence("trouble.anchor_unavailable")
    }
}

public func message(for why: NoCode) -> Sentence {
    switch why {
    case .counts: Sentence("code.none.counts")
    case .needsPin: Sentence("code.none.needs_pin")
    case .unreadable: Sentence("code.none.unreadable")
    case .badTime: Sentence("code.none.bad_time")
    case .noSuchCode: Sentence("code.none.no_such_code")
    case .asksEveryTime: Sentence("code.none.asks")
    }
}

public func message(for kind: KeyStoreError) -> Sentence {
    switch kind {
    case .Unavailable: Sentence("error.key_store.unavailable")
    case .Cancelled: Sentence("error.key_store.cancelled")
    case .LockedOut: Sentence("error.key_store.locked_out")
    case .Invalidated: Sentence("error.key_store.invalidated")
    case .Missing: Sentence("error.key_store.missing")
    case .HardwareFault: Sentence("error.key_store.hardware_fault")
    }
}

public func message(for error: ScanError) -> Sentence {
    switch error {
    case .Empty, .Shape: Sentence("error.scan.frame")
    case .TooLarge: Sentence("error.scan.too_large")
    case .Format: Sentence("error.scan.format")
    case .Damaged: Sentence("error.scan.damaged")
    case .Key(.empty): Sentence("error.key.empty")
    case .Key(.character(let place)): Sentence("error.key.character", .text(String(place + 1)))
    case .Key(.notHex): Sentence("error.key.not_hex")
    case .Key(.short): Sentence("error.key.short")
    case .Key(.digits): Sentence("error.key.digits")
    case .Key(.period): Sentence("error.key.period")
    case .Key(.counter): Sentence("error.key.counter")
    case .Key(.kind): Sentence("error.key.kind")
    }
}

public func message(for error: FolderError) -> Sentence {
    switch error {
    case .Unavailable: Sentence("error.folder.unavailable")
    case .Full: Sentence("error.folder.full")
    case .NotWhole: Sentence("error.folder.not_whole")
    case .NotFound, .AlreadyExists, .Unsupported, .Failed: Sentence("error.folder.failed")
    }
}

public func message(for error: TransferError) -> Sentence {
    switch error {
    case .NotRecognised: Sentence("error.import.nothing_found")
    case .NeedsPassword(_, .password): Sentence("error.import.needs_password")
    case .NeedsPassword(_, .keyFile): Sentence("error.import.needs_key_file")
    case .WrongPassword: Sentence("error.import.wrong_password")
    case .Damaged: Sentence("error.import.damaged")
    case .NotReadable(_, .closed): Sentence("error.import.closed")
    case .NotReadable(_, .newerVersion): Sentence("error.import.newer")
    case .TooExpensive(_, let memoryBytes, _): Sentence("error.import.too_expensive", .text(String(memoryBytes / 1_048_576)))
    case .Sources(.tooLarge): Sentence("error.sources.too_large")
    case .Sources(.tooMany): Sentence("error.sources.too_many")
    case .Sources(.twoFormats): Sentence("error.sources.two_formats")
    case .Sources(.stranger(_, let number)): Sentence("error.sources.stranger", .text(String(number + 1)))
    case .Sources(.stopped): Sentence("error.sources.stopped")
    case .Used: Sentence("error.import.used")
    case .Export(.emptyPassword): Sentence("error.export.empty_password")
    case .Export(.outOfMemory): Sentence("error.export.out_of_memory")
    case .Export(.stopped): Sentence("error.export.stopped")
    case .Move(.incomplete): Sentence("error.move.incomplete")
    case .Move(.otherFile): Sentence("error.move.other_file")
    case .Move(.damaged): Sentence("error.move.damaged")
    case .Move(.tooManyParts): Sentence("error.move.too_many_parts")
    case .Move(.notACode): Sentence("error.move.not_a_code")
    case .Move(.newer): Sentence("error.move.newer")
    case .Move(.misread): Sentence("error.move.misread")
    case .Vault(let why): message(for: why)
    case .Internal(let report): Sentence("error.internal", .text(report))
    }
}

/// An entry of a file that cannot be used: which, and why.
public func message(for problem: ImportProblem) -> Sentence {
    let place = problem.place
    let name = place.name.isEmpty ? place.entry.map { String($0) } ?? "" : place.name
    return switch problem.why {
    case .unknownKind: Sentence("problem.unknown_kind", .text(name))
    case .mustBeEnrolledAgain: Sentence("problem.must_be_enrolled_again", .text(name))
    case .needsPin: Sentence("problem.needs_pin", .text(name))
    case .deviceBound: Sentence("problem.device_bound", .text(name))
    case .link, .field, .seal, .halfMissing: Sentence("problem.broken", .text(name))
    case .noCode: Sentence("problem.no_code", .text(name))
    case .tooLarge: Sentence("problem.too_large", .text(name))
    case .tooMany: Sentence("problem.too_many", .count(Int(problem.entries)))
    }
}

public func message(for error: PushError) -> Sentence {
    switch error {
    case .Locked: Sentence("error.vault.locked")
    case .NotThere(.anyEnrolment): Sentence("error.absent.any_enrolment")
    case .NotThere(.enrolment): Sentence("error.absent.enrolment")
    case .NotThere(.request): Sentence("error.absent.request")
    case .NotThere(.offer): Sentence("error.absent.offer")
    case .Offer(.link): Sentence("error.offer.link")
    case .Offer(.host): Sentence("error.offer.host")
    case .Offer(.forged): Sentence("error.offer.forged")
    case .Offer(.expired): Sentence("error.offer.expired")
    case .Offer(.keyKind): Sentence("error.offer.key_kind")
    case .UpdateApp: Sentence("error.push.update_app")
    case .Number(.digits(let digits)): Sentence("error.number.digits", .count(Int(digits)))
    case .Number(.notAnOption): Sentence("error.number.not_an_option")
    case .Number(.scanOnly): Sentence("error.number.scan_only")
    case .Number(.kind): Sentence("error.number.kind")
    case .Number(.otherRequest): Sentence("error.number.other_request")
    case .Network(.notAllowed): Sentence("error.network.not_allowed")
    case .Network(.noConnection): Sentence("error.network.no_connection")
    case .Network(.tls(.expired)): Sentence("error.tls.expired")
    case .Network(.tls(.notYetValid)): Sentence("error.tls.not_yet_valid")
    case .Network(.tls(.wrongHost)): Sentence("error.tls.wrong_host")
    case .Network(.tls(.unknownAuthority)): Sentence("error.tls.unknown_authority")
    case .Network(.tls(.revoked)): Sentence("error.tls.revoked")
    case .Network(.tls(.badCertificate)): Sentence("error.tls.bad_certificate")
    case .Network(.tls(.noCommonTls)): Sentence("error.tls.no_common_tls")
    case .Network(.noReply): Sentence("error.network.no_reply")
    case .Network(.noTrust): Sentence("error.network.no_trust")
    case .Service(_, _, let seconds?): Sentence("error.push.service_later", .count(Int(seconds)))
    case .Service(let status, let code, nil): Sentence("error.push.service", .text(code.isEmpty ? String(status) : code))
    case .NotBelieved(let report): Sentence("error.push.not_believed", .text(report))
    case .Revoked: Sentence("error.push.revoked")
    case .KeyStore(let kind): message(for: kind)
    case .Vault(let why): message(for: why)
    case .Internal(let report): Sentence("error.internal", .text(report))
    }
}

/// What became of a request, in the words of the Approve screen and of the history.
public func message(for outcome: Outcome) -> Sentence {
    switch outcome {
    case .approved: Sentence("outcome.approved")
    case .denied: Sentence("outcome.denied")
    case .reported: Sentence("outcome.reported")
    case .wrongMatch: Sentence("outcome.wrong_match")
    case .elsewhere: Sentence("outcome.elsewhere")
    case .expired: Sentence("outcome.expired")
    case .replaced: Sentence("outcome.replaced")
    case .cancelled: Sentence("outcome.cancelled")
    case .dropped: Sentence("outcome.dropped")
    }
}

/// What the user can do on the page of another company's app.
public func message(for hint: VendorHint) -> Sentence {
    switch hint {
    case .useDifferentApp: Sentence("vendor.use_different_app")
    case .chooseGoogleAuthenticator: Sentence("vendor.choose_google_authenticator")
    case .lookForCodes: Sentence("vendor.look_for_codes")
    case .vendorAppOnly: Sentence("vendor.vendor_app_only")
    }
}

/// One thing to do about a vault that is not read-write.
public func message(for step: NextStep) -> Sentence {
    switch step {
    case .tryAgain: Sentence("step.try_again")
    case .updateApp: Sentence("step.update_app")
    case .accept: Sentence("step.accept")
    case .acceptAndMerge: Sentence("step.accept_and_merge")
    case .salvage: Sentence("step.salvage")
    case .restore: Sentence("step.restore")
    case .backUp: Sentence("step.back_up")
    case .startNew: Sentence("step.start_new")
    }
}

/// How far an enrolment has come.
public func message(for state: EnrolmentState) -> Sentence {
    switch state {
    case .enrolling: Sentence("enrolment.enrolling")
    case .pendingTest: Sentence("enrolment.pending_test")
    case .active: Sentence("enrolment.active")
    case .needsApprovalKey: Sentence("enrolment.needs_approval_key")
    case .revoked(let reason): Sentence("enrolment.revoked", .text(reason ?? ""))
    case .failed(let reason): Sentence("enrolment.failed", .text(reason ?? ""))
    case .damaged: Sentence("enrolment.damaged")
    }
}

/// What a line of the self-check advises.
public func message(for advice: Advice) -> Sentence {
    switch advice {
    case .setScreenLock: Sentence("advice.set_screen_lock")
    case .keysInSoftware: Sentence("advice.keys_in_software")
    case .restartDevice: Sentence("advice.restart_device")
    case .unlock: Sentence("advice.unlock")
    case .seeVault: Sentence("advice.see_vault")
    case .makeRoom: Sentence("advice.make_room")
    case .setClock: Sentence("advice.set_clock")
    case .allow: Sentence("advice.allow")
    case .allowInSettings: Sentence("advice.allow_in_settings")
    case .liftBatteryRestriction, .switchOffHibernation: Sentence("advice.background")
    case .openToSee: Sentence("advice.open_to_see")
    case .sendTest: Sentence("advice.send_test")
    case .backUp: Sentence("advice.back_up")
    case .typePassphrase: Sentence("advice.type_passphrase")
    }
}

/// Why an account does not go into an export.
public func message(for why: LeftOut) -> Sentence {
    switch why {
    case .kind: Sentence("left_out.kind")
    case .algorithm, .digits, .period, .counter: Sentence("left_out.setting")
    case .needsPin: Sentence("left_out.needs_pin")
    case .secret, .tooLong: Sentence("left_out.too_long")
    case .unreadable: Sentence("left_out.unreadable")
    }
}

/// What an export does not hold of accounts that it holds.
public func message(for lost: LostDetail) -> Sentence {
    let accounts = Sentence.Value.count(Int(lost.accounts))
    return switch lost.what {
    case .note: Sentence("lost.note", accounts)
    case .groups: Sentence("lost.groups", accounts)
    case .favorite: Sentence("lost.favourite", accounts)
    case .asksEveryTime: Sentence("lost.asks", accounts)
    case .icon: Sentence("lost.icon", accounts)
    case .usage: Sentence("lost.usage", accounts)
    case .extra: Sentence("lost.extra", accounts)
    case .spelling: Sentence("lost.spelling", accounts)
    }
}

/// What is wrong with the backups that are written by themselves.
public func message(for trouble: BackupTrouble) -> Sentence {
    switch trouble {
    case .failing(_, _, .folder(let why)): message(for: why)
    case .failing(_, _, .vault): Sentence("backup.vault_damaged")
    case .old(let ageMs): Sentence("backup.old", .count(Int(ageMs / 86_400_000)))
    case .never: Sentence("check.backup.none")
    }
}
