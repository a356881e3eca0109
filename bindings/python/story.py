"""One phone's story, told in Python against the real library and the real reference service.

`cargo xtask test bindings` starts it; each line that begins with "case " is one case.
"""

import asyncio
import pathlib
import tempfile

import authenticator as klink
import files
from phone import MemoryAnchor, SoftKeys, Stage, boot, case, now, phone, refused

PHONE = klink.PhoneInfo(name="a phone in Python", os="linux", app="story 1", push_endpoint=None)


async def creates(own):
    case("a vault needs a way in that is no hardware")
    none = await refused(klink.VaultError.WayIn, own.create(klink.NewVault(), now()))
    assert none.why == klink.WayInTrouble.NEEDS_PORTABLE
    case("a recovery code that was not typed back is no way in")
    code = klink.make_recovery_code()
    other = klink.TypedBack(code=code, typed=klink.make_recovery_code())
    slip = await refused(
        klink.VaultError.RecoveryCode, own.create(klink.NewVault(recovery_code=other), now())
    )
    assert slip.slip.is_DIFFERS()
    case("a vault is made with a passphrase and a recovery code")
    typed = klink.TypedBack(code=code, typed=code.lower().replace("-", " "))
    new = klink.NewVault(passphrase=b"walnut harbour quilt", recovery_code=typed)
    await own.create(new, now())
    assert own.accounts() == [] and own.mode().is_READ_WRITE()
    return klink.UnlockKey.RECOVERY_CODE(code)


async def scans(own, stage):
    session = klink.ScanSession()
    case("a picture brings an account, and its secret stays behind")
    [found] = await session.take_picture(stage.brings("picture"))
    assert found.what.is_ACCOUNT() and found.what.account.issuer == "ACME"
    assert "GEZD" not in repr(found)
    added = await own.add_scanned(session, found.what.account.number, None, now())
    assert added.status == klink.AddedStatus.NEW
    case("a camera's frame with padded rows brings the same account")
    [seen] = session.take_frame(stage.brings("frame"), 640, 480, 704)
    assert seen.what.account.number == found.what.account.number
    again = await own.add_scanned(session, seen.what.account.number, None, now())
    assert (again.status, again.id) == (klink.AddedStatus.ALREADY_THERE, added.id)
    case("a frame without the shape of one is refused, and an empty one brings nothing")
    try:
        session.take_frame(b"short", 640, 480, 704)
        raise AssertionError("it was taken")
    except klink.ScanError.Shape:
        pass
    assert session.take_frame(bytes(704 * 480), 640, 480, 704) == []
    assert isinstance(await refused(klink.ScanError, session.take_picture(b"no")), klink.ScanError.Format)
    case("a text that is no account is named")
    assert session.take_text("WIFI:S:home;T:WPA;P:secret;;").is_WIFI()
    case("RFC 6238's code comes at RFC 6238's time, with its window")
    codes = own.codes(59_000, 0, [added.id, "no id"])
    [row] = codes.rows
    assert (row.code.text, row.code.valid_until_ms) == ("94287082", 60_000)
    assert (row.next.valid_from_ms, codes.next_change_at_ms) == (60_000, 60_000)
    return added.id


async def imports(own, stage):
    session = klink.ScanSession()
    case("nothing scanned is nothing to import")
    await refused(klink.TransferError.NotRecognised, own.preview_scanned(session))
    case("an export in two parts says what is missing")
    first = session.take_text(stage.brings("export/2").decode())
    assert first.progress.missing == [1]
    assert session.take_text(stage.brings("export/1").decode()).progress.missing == []
    case("a preview says what is new and what is there, and adds nothing")
    preview = await own.preview_scanned(session)
    rows = preview.rows()
    assert len(rows) == 12 and len(own.accounts()) == 1
    assert [row.ticked for row in rows].count(False) == 1
    unticked = next(row for row in rows if row.ticked)
    preview.set_ticked(unticked.number, False)
    case("the sum of an import holds, and it is committed once")
    done = await preview.commit(now())
    counts = done.counts
    assert (counts.total, counts.imported, counts.duplicates, counts.skipped) == (12, 10, 1, 1)
    assert len(done.ids) == 10
    assert len(own.accounts()) == 11
    await refused(klink.TransferError.Used, preview.commit(now()))


async def locks(own, key, account):
    case("a secret is revealed only after a confirmation, once")
    await refused(klink.VaultError.NotConfirmed, own.reveal(account, boot()))
    await own.confirm(key, boot())
    assert (await own.reveal(account, boot())).secret.startswith("GEZDGNBV")
    await refused(klink.VaultError.NotConfirmed, own.reveal(account, boot()))
    case("locked means locked")
    own.lock()
    for look in (own.accounts, own.groups, lambda: own.codes(59_000, 0, [account])):
        try:
            look()
            raise AssertionError("it answered")
        except klink.VaultError.Locked:
            pass
    case("a wrong passphrase and a slip of the pen are told apart, and the right one opens")
    wrong = klink.UnlockKey.PASSPHRASE(b"walnut harbour")
    await refused(klink.VaultError.WrongKey, own.unlock(wrong, now(), boot()))
    slip = klink.UnlockKey.RECOVERY_CODE("ABC")
    raised = await refused(klink.VaultError.RecoveryCode, own.unlock(slip, now(), boot()))
    assert raised.slip.letters == 3
    opened = await own.unlock(klink.UnlockKey.PASSPHRASE(b"walnut harbour quilt"), now(), boot())
    assert opened.mode.is_READ_WRITE() and opened.report.accounts == 11


async def enrols(own, stage):
    case("an offer shows its host first, then who vouches for it, then the phone is enrolled")
    offer = own.offer(stage.does("offer"))
    assert offer.host.startswith("127.0.0.1:")
    checked = await own.check_offer(offer.id)
    assert (checked.service, checked.account_name) == ("Example Organisation", stage.who)
    enrolled = await own.enrol(offer.id, PHONE)
    assert enrolled.check_number == stage.does("check-number")
    case("an offer that was taken is none any more")
    await refused(klink.PushError.NotThere, own.enrol(offer.id, PHONE))
    stage.does("confirm")
    case("the key of the service's wake-ups is known before enrolling and after")
    assert len(checked.push_key) == 87 and await own.push_key(enrolled.id) == checked.push_key
    case("what is no relay gives no endpoint")
    asked = own.subscribe(f"https://{offer.host}", klink.PushVendor.FCM, "token", checked.push_key)
    assert (await refused(klink.PushError.Service, asked)).status == 404
    case("an enrolment says where its wake-ups go")
    for endpoint in ["https://push.example.org/1", None]:
        await own.change_push_endpoint(enrolled.id, endpoint)
        [one] = await own.enrolments()
        assert one.push_endpoint == endpoint
    return enrolled.id


async def answers(own, stage, keys, enrolment):
    feed = own.challenge_feed()
    case("a test comes on the feed and its approval makes the enrolment work")
    number = stage.does("test")
    shown = await asyncio.wait_for(feed.next(), 20)
    if not shown.open:
        shown = await asyncio.wait_for(feed.next(), 20)
    [test] = shown.open
    assert test.act == klink.Act.TEST and test.enrolment_id == enrolment
    answered = await own.answer(test.id, klink.Decision.APPROVE(number))
    assert answered.outcome == klink.Outcome.APPROVED
    case("a number without its digits is not sent")
    number = stage.does("ask")
    request = await newest(feed)
    raised = await refused(klink.PushError.Number, own.answer(request.id, klink.Decision.APPROVE("7")))
    assert raised.why.digits == len(number)
    case("a person who cancels the device's prompt has approved nothing")
    keys.refuse = klink.KeyStoreError.Cancelled()
    raised = await refused(klink.PushError.KeyStore, own.answer(request.id, klink.Decision.APPROVE(number)))
    assert isinstance(raised.kind, klink.KeyStoreError.Cancelled)
    keys.refuse = None
    case("a sign-in is approved with its number")
    answered = await own.answer(request.id, klink.Decision.APPROVE(number))
    assert (answered.outcome, stage.does("state")) == (klink.Outcome.APPROVED, "Approved")
    case("another is denied, locked")
    stage.does("ask")
    request = await newest(feed)
    own.lock()
    answered = await own.answer(request.id, klink.Decision.DENY(False))
    assert (answered.outcome, stage.does("state")) == (klink.Outcome.DENIED, "Denied")
    case("a request that is not there is named")
    raised = await refused(klink.PushError.NotThere, own.answer(request.id, klink.Decision.DENY(False)))
    assert raised.what == klink.AbsentTrouble.REQUEST
    case("a feed that ends lets its waiter go, and leaves no task behind")
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(feed.next())
    while klink.live_tasks() == 0:
        await asyncio.sleep(0.01)
    feed.end()
    while (ended := await asyncio.wait_for(waiting, 20)) is not None:
        waiting = asyncio.ensure_future(feed.next())
    assert ended is None
    await settled()
    case("a cancelled wait leaves no task behind")
    changes = own.change_feed()
    waiting = asyncio.ensure_future(changes.next())
    while klink.live_tasks() == 0:
        await asyncio.sleep(0.01)
    waiting.cancel()
    await settled()
    case("the history has both answers, the newest first")
    history = await own.push_history()
    assert [past.kind for past in history][:2] == [klink.AnswerKind.DENY, klink.AnswerKind.APPROVE]


async def newest(feed):
    while True:
        shown = await asyncio.wait_for(feed.next(), 20)
        if shown.open:
            return shown.open[0]


async def settled():
    """Waits until no call runs any more."""
    for _ in range(500):
        if klink.live_tasks() == 0:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{klink.live_tasks()} calls run still")


async def faults(own, key, folder, anchor, keys):
    case("a panic is an error without its text; the vault is locked and its file whole")
    await own.unlock(key, now(), boot())
    raised = await refused(klink.VaultError.Internal, own.rehearse_fault())
    assert raised.report.startswith("panic at ") and ".rs:" in raised.report, raised.report
    assert "JBSWY3DP" not in repr(raised) and "rehearsed" not in repr(raised)
    assert own.status().is_LOCKED()
    opened = await phone(folder, anchor, keys).unlock(key, now(), boot())
    assert opened.mode.is_READ_WRITE() and opened.report.damaged == []
    case("what a foreign trait throws besides its errors is a hardware fault, without its text")
    await own.unlock(key, now(), boot())
    raised = await refused(klink.VaultError.KeyStore, broken(own, keys, key))
    assert isinstance(raised.kind, klink.KeyStoreError.HardwareFault)
    assert "JBSWY3DP" not in repr(raised)
    own.lock()


async def broken(own, keys, key):
    """Opens by a device that has a way in and whose key store is broken."""
    keys.refuse = None
    await own.renew_device_way_in(key, now())
    own.lock()
    keys.refuse = RuntimeError("JBSWY3DPEHPK3PXP")
    try:
        await own.unlock(klink.UnlockKey.DEVICE(), now(), boot())
    finally:
        keys.refuse = None


async def rounds(count):
    case(f"{count} rounds of create, lock, unlock and drop grow memory by less than 1 MB")

    async def one(n):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            own = phone(folder)
            code = klink.make_recovery_code()
            await own.create(klink.NewVault(recovery_code=klink.TypedBack(code=code, typed=code)), now())
            own.lock()
            await own.unlock(klink.UnlockKey.RECOVERY_CODE(code), now(), boot())
        return own

    for n in range(100):
        await one(n)
    before = resident()
    for n in range(count):
        await one(n)
    grown = resident() - before
    print(f"grown by {grown} KiB", flush=True)
    assert grown < 1024, grown
    await settled()
    case("a tenth of the rounds with what was made kept grow it by more: the control")
    kept = []
    before = resident()
    for n in range(count // 10):
        kept.append(await one(n))
    assert resident() - before > 1024, resident() - before


def resident():
    import gc

    gc.collect()
    status = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


async def story():
    with tempfile.TemporaryDirectory() as folder:
        anchor, keys, stage = MemoryAnchor(), SoftKeys(), Stage("python")
        own = phone(folder, anchor, keys)
        assert own.status().is_NO_VAULT()
        key = await creates(own)
        account = await scans(own, stage)
        await imports(own, stage)
        await locks(own, key, account)
        await files.takes_files(own, stage)
        await files.goes_out(own, key, folder)
        await files.checks(own, key, folder)
        enrolment = await enrols(own, stage)
        await answers(own, stage, keys, enrolment)
        await faults(own, key, folder, anchor, keys)
    await rounds(1000)


if __name__ == "__main__":
    asyncio.run(story())
