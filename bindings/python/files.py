"""Acts of the story about files: what comes in from other apps, what goes out, moves and backups."""

import pathlib

import authenticator as klink
from phone import boot, case, now, phone, refused


class Picked(klink.BackupFolder):
    """A folder behind a file picker: documents by name, and no way to rename."""

    def __init__(self):
        self.files = {}
        self.refuse = None

    def list(self):
        if self.refuse is not None:
            raise self.refuse
        return [klink.StoredFile(name=name, bytes=len(data)) for name, data in self.files.items()]

    def read(self, name):
        if name not in self.files:
            raise klink.FolderError.NotFound()
        return self.files[name]

    def write(self, name, bytes):
        if name in self.files:
            raise klink.FolderError.AlreadyExists()
        self.files[name] = bytes

    def rename(self, _from, to):
        raise klink.FolderError.Unsupported()

    def delete(self, name):
        self.files.pop(name, None)


def open_with(password):
    return klink.ImportSecrets(password=password)


async def takes_files(own, stage):
    """Other apps' files, and a key that is typed."""
    case("another app's sealed file is known by its content, and asks for its password")
    aegis = stage.brings("file/aegis,%20sealed")
    assert klink.detect_import("no.name", aegis) == klink.ImportFormat.AEGIS
    assert klink.detect_import("note.txt", b"hello") is None
    file = [klink.ImportSource(name="aegis.json", bytes=aegis)]
    raised = await refused(klink.TransferError.NeedsPassword, own.preview_import(file, open_with(None), False))
    assert (raised.format, raised.needs) == (klink.ImportFormat.AEGIS, klink.ImportNeeds.PASSWORD)
    wrong = own.preview_import(file, open_with(b"wrong"), False)
    await refused(klink.TransferError.WrongPassword, wrong)
    case("its rows say what is new, and what is wrong with the others has a place and a reason")
    preview = await own.preview_import(file, open_with(b"test"), False)
    rows, problems = preview.rows(), preview.problems()
    assert preview.format() == klink.ImportFormat.AEGIS and preview.missing_parts() == []
    assert len(problems) == 2 and all(problem.place.entry for problem in problems), problems
    assert any(row.groups for row in rows) and any(row.note for row in rows)
    assert not preview.set_ticked(len(rows), True)
    ticked = next(row for row in rows if row.status.is_NEW())
    assert preview.set_ticked(ticked.number, False)
    case("what is ticked is added in one step and read back, and a lock would have emptied the preview")
    counts, before = preview.counts(), len(own.accounts()) + len(own.trash())
    done = await preview.commit(now())
    assert done.counts == counts and len(done.ids) == counts.imported
    total = counts.imported + counts.duplicates + counts.unsupported + counts.damaged + counts.skipped
    assert counts.total == total and counts.skipped == 1 and counts.unsupported + counts.damaged == 2
    assert len(own.accounts()) + len(own.trash()) == before + counts.imported
    await refused(klink.TransferError.Used, preview.commit(now()))
    again = await own.preview_import(file, open_with(b"test"), False)
    assert again.counts().duplicates == counts.imported
    case("a file that is cut is damaged at a place, and what is no file of an app is not recognised")
    cut = [klink.ImportSource(name="2fas", bytes=stage.brings("file/2fas,%20schema%204")[:-200])]
    raised = await refused(klink.TransferError.Damaged, own.preview_import(cut, open_with(None), False))
    assert raised.format == klink.ImportFormat.TWO_FAS
    note = [klink.ImportSource(name="note.txt", bytes=b"hello")]
    await refused(klink.TransferError.NotRecognised, own.preview_import(note, open_with(None), False))
    case("a key that is typed is an account, and a slip has its place")
    session = klink.ScanSession()
    typed = klink.EnteredKey(
        issuer="Typed", account_name="ann", secret="jbsw y3dp-ehpk 3pxp", kind=klink.AccountKind.TOTP
    )
    found = session.take_key(typed)
    added = await own.add_scanned(session, found.number, None, now())
    assert own.account(added.id).issuer == "Typed"
    slip = klink.EnteredKey(issuer="", account_name="", secret="JB1W", kind=klink.AccountKind.TOTP)
    try:
        session.take_key(slip)
        raise AssertionError("it was taken")
    except klink.ScanError.Key as raised:
        assert raised.slip.place == 2


async def goes_out(own, key, folder):
    """Exports, a move to a second phone, backups."""
    case("an export says first what it cannot hold, and is written once after a confirmation")
    plain = {info.format: info.plain for info in klink.export_formats()}
    assert plain[klink.ExportFormat.URI_LIST] and not plain[klink.ExportFormat.AEGIS] and len(plain) == 6
    report = await own.export_report(klink.ExportFormat.AEGIS, None)
    assert len(report.written) + len(report.left_out) == len(own.accounts())
    order = klink.ExportOrder.AEGIS(b"a password")
    raised = await refused(klink.TransferError.Vault, own.export(order, None, boot()))
    assert isinstance(raised.why, klink.VaultError.NotConfirmed)
    await own.confirm(key, boot())
    exported = await own.export(order, None, boot())
    assert exported.report == report
    file = [klink.ImportSource(name="aegis.json", bytes=exported.content.bytes)]
    preview = await own.preview_import(file, open_with(b"a password"), False)
    assert preview.counts().duplicates == len(report.written)
    code = klink.qr_code("otpauth://totp/a?secret=JBSWY3DP")
    assert len(code.modules) == code.size**2 and set(code.modules) == {0, 1}
    case("accounts move to a second phone by codes, and its receipt says that all arrived")
    second = phone(pathlib.Path(folder) / "second")
    paper = klink.make_recovery_code()
    typed = klink.TypedBack(code=paper, typed=paper)
    await second.create(klink.NewVault(recovery_code=typed), now())
    await own.confirm(key, boot())
    outgoing = await own.send_accounts(klink.MoveWay.CODES, boot())
    await refused(klink.TransferError.Move, second.receive_accounts(None, now()))
    for text in reversed(outgoing.codes):
        incoming = await second.take_move_code(text)
        assert incoming.code == klink.MoveCodeTaken.NEW
    assert incoming.missing == [] and incoming.accounts == outgoing.accounts
    received = await second.receive_accounts(None, now())
    assert (received.arrived, received.of) == (outgoing.accounts, outgoing.accounts)
    assert len(second.accounts()) == len(own.accounts())
    assert await own.handed_over("000000" if received.receipt != "000000" else "000001") is None
    handed = await own.handed_over(received.receipt)
    assert handed.arrived == handed.of and not await own.is_sending()
    await second.stop_receiving()
    case("a backup goes into a picked folder, is read back, and a test opens every account of it")
    folder_of_documents, paths = Picked(), pathlib.Path(folder) / "backups"
    assert (await own.backup_state(now())).trouble.is_NEVER()
    done = await own.back_up(folder_of_documents, 10, True, now())
    assert done.written and list(folder_of_documents.files) == [done.file.name]
    assert not (await own.back_up(folder_of_documents, 10, True, now())).written
    assert (await own.backup_state(now())).trouble is None
    done = await own.back_up_to_path(str(paths), 10, False, now())
    tested = await own.test_backup(str(paths / done.file.name), key)
    assert tested.accounts == len(own.accounts()) and tested.damaged == []
    case("a folder that refuses is on the main screen until it is mended")
    folder_of_documents.refuse = klink.FolderError.Unavailable()
    refusal = await refused(klink.VaultError.Storage, own.back_up(folder_of_documents, 10, False, now()))
    assert isinstance(refusal.why.why, klink.FolderError.Unavailable)
    assert (await own.backup_state(now())).trouble.is_FAILING()
    folder_of_documents.refuse = RuntimeError("JBSWY3DPEHPK3PXP")
    refusal = await refused(klink.VaultError.Storage, own.back_up(folder_of_documents, 10, False, now()))
    assert "JBSWY3DP" not in repr(refusal)
    case("what was deleted comes back from a backup: shown first, then merged")
    gone = own.accounts()[0].id
    await own.delete(gone, now())
    compared = await own.compare(str(paths / done.file.name), None)
    [row] = [row for row in compared.rows if not row.status.is_SAME()]
    assert row.account.id == gone and row.status.is_OLDER_THERE(), row
    assert await own.merge(str(paths / done.file.name), None, [gone], now()) == 1
    assert own.account(gone).trashed_at_ms is None
    second.lock()


async def checks(own, key, folder):
    """The self-check, ways in, packs and the spool."""
    case("a self-check has a line for what this phone has, with what to do about it")
    facts = klink.ShellFacts(
        screen_lock=True, notifications=klink.Permission.DENIED, camera=klink.Permission.GRANTED,
        battery_restricted=None, hibernates=None, can_be_woken=False,
    )  # fmt: skip
    lines = {line.what: line.state for line in await own.self_check(facts, now())}
    assert lines[klink.CheckItem.VAULT].is_GOOD() and lines[klink.CheckItem.CAMERA].is_GOOD()
    assert lines[klink.CheckItem.NOTIFICATIONS].advice == klink.Advice.ALLOW_IN_SETTINGS
    assert klink.CheckItem.BATTERY not in lines
    case("a lock that is off opens by the device alone and confirms nothing")
    await own.turn_lock_off(key, now())
    own.lock()
    assert (await own.unlock_with_lock_off(now())).mode.is_READ_WRITE()
    await own.turn_lock_on(key, now())
    own.lock()
    raised = await refused(klink.VaultError.WayIn, own.unlock_with_lock_off(now()))
    assert raised.why == klink.WayInTrouble.NONE
    await own.unlock(key, now(), boot())
    case("a pack has codes and no seed, and a message in the spool is taken until it is done")
    pack, spool = pathlib.Path(folder) / "pack", pathlib.Path(folder) / "spool"
    ids = [account.id for account in own.accounts()]
    packed = await own.write_pack(str(pack), klink.PackPlan(ids=ids, length_ms=3_600_000), now())
    assert packed.ids and set(packed.ids) | set(packed.left_out) == set(ids)
    assert pack.read_bytes().startswith(b"AKW1\n") and len(await own.pack_key()) == 32
    spool.mkdir()
    (spool / ("ab" * 16 + ".msg")).write_bytes(b"from an extension")
    [message] = await own.take_spool(str(spool))
    assert (message.id, message.bytes, message.again) == ("ab" * 16, b"from an extension", False)
    [message] = await own.take_spool(str(spool))
    assert message.again
    await own.spool_done(str(spool), message.id)
    assert await own.take_spool(str(spool)) == []
    case("who only looks is told of no change, and neither is who backs up what is backed up")
    changes = own.change_feed()
    await own.add_group("One group")
    told = (await changes.next()).revision
    for look in (own.ways_in(), own.duties(now()), own.backup_state(now()), own.snapshots(), own.verify()):
        await look
    backups = str(pathlib.Path(folder) / "backups")
    assert (await own.back_up_to_path(backups, 10, True, now())).written
    assert not (await own.back_up_to_path(backups, 10, True, now())).written
    await own.add_group("Another")
    assert (await changes.next()).revision == told + 2
    changes.end()
