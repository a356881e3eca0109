"""What work inside the library costs, in processor time: it says the same on a busy machine.

`cargo xtask bench-edge` starts it beside the benches in Swift and Kotlin, which measure what crossing costs. Prints, and
fails on no time.
"""

import asyncio
import tempfile
import time

import authenticator as klink
from phone import Stage, boot, now, phone

ROUNDS = 5


async def measured(what, calls, work):
    """Prints the least of some rounds, for one call."""
    least = None
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        for n in range(calls):
            await work(n)
        spent = (time.process_time_ns() - began) / calls / 1000
        least = spent if least is None else min(least, spent)
    print(f"bench python: {what:<40} {least:12.0f} µs of processor time", flush=True)


async def speed():
    stage = Stage("speed")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        own = phone(folder)
        code = klink.make_recovery_code()
        typed = klink.TypedBack(code=code, typed=code)
        await own.create(klink.NewVault(recovery_code=typed), now())
        session = klink.ScanSession()
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        links = "\n".join(
            f"otpauth://totp/Example%20{n}:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ{letters[n // 32]}{letters[n % 32]}A"
            for n in range(1000)
        )
        many = [klink.ImportSource(name="list.txt", bytes=links.encode())]
        await (await own.preview_import(many, klink.ImportSecrets(), False)).commit(now())
        ids = [account.id for account in own.accounts()]
        frame, picture = stage.brings("frame"), stage.brings("picture")
        aegis = [klink.ImportSource(name="aegis.json", bytes=stage.brings("file/aegis,%20sealed"))]
        moments = iter(range(1_800_000_000_000, 1_900_000_000_000, 30_000))

        async def codes(_):
            own.codes(next(moments), 0, ids)

        async def one_frame(_):
            session.take_frame(frame, 640, 480, 704)

        async def one_picture(_):
            await session.take_picture(picture)

        async def white(_):
            session.take_frame(bytes([255]) * len(frame), 640, 480, 704)

        async def file(_):
            await own.preview_import(aegis, klink.ImportSecrets(password=b"test"), False)

        async def unlock(_):
            own.lock()
            await own.unlock(klink.UnlockKey.RECOVERY_CODE(code), now(), boot())

        await measured("codes of 1,000 accounts, made anew", 5, codes)
        await measured("unlock of 1,000 accounts, no passphrase", 3, unlock)
        await measured("one frame of 640 x 480 with a code", 20, one_frame)
        await measured("one frame without a code", 20, white)
        await measured("a picture file with a code", 3, one_picture)
        await measured("a sealed Aegis file, previewed", 2, file)


if __name__ == "__main__":
    asyncio.run(speed())
