#!/usr/bin/env python3
"""Draws Klink's mark, and the colours of the app, into Assets.xcassets.

    ios/App/draw.py            writes ios/App/Assets.xcassets
    ios/App/draw.py --check    fails when what is there is not what would be drawn, or a contrast is too low

The mark is a ring, the countdown, held at three o'clock by a short bar, the latch: a few numbers, so that every size comes
from one source. Needs Python alone.
"""
import functools
import json
import math
import struct
import sys
import tempfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Of the side of the picture: the ring's radius and width, the bar's half length and half height, the gap around it.
RADIUS, WIDTH, LENGTH, HEIGHT, GAP = 0.27, 0.085, 0.135, 0.0425, 0.035
# The bar stands out to the right: moved by this, ring and bar together are in the middle.
SHIFT = 0.046

# Light and dark: sRGB.
COLOURS = {
    "Ground": ("FBFBF8", "101716"),
    "Raised": ("EFF2EE", "1A2422"),
    "Latch": ("0B6B5E", "6FD6C3"),
    "Warn": ("7A4B00", "F0BC62"),
    "Danger": ("A3271F", "FF9A8F"),
    "AccentColor": ("0B6B5E", "6FD6C3"),
}
# What is read on what, and the least contrast (WCAG 2.2, 1.4.3).
READ_ON = [(text, ground, 4.5) for text in ("Latch", "Warn", "Danger") for ground in ("Ground", "Raised")]


def rgb(text):
    return tuple(int(text[place : place + 2], 16) for place in (0, 2, 4))


def luminance(colour):
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """The contrast of two colours, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def cover(distance, side):
    """How much of a pixel lies inside a shape, of the signed distance to its edge."""
    return min(1.0, max(0.0, 0.5 - distance * side))


def mark(x, y, side):
    """How much of the mark lies on the pixel at x, y, which are of the side and from the middle."""
    x += SHIFT
    dx, dy = abs(x - RADIUS) - LENGTH + HEIGHT, abs(y)
    bar = math.hypot(max(dx, 0.0), dy) - HEIGHT
    ring = abs(math.hypot(x, y) - RADIUS) - WIDTH / 2
    return max(cover(bar, side), min(cover(ring, side), 1.0 - cover(bar - GAP, side)))


@functools.cache
def covered(side):
    """The rows of the mark, a byte for each pixel: 255 where it is inside. Top and bottom are mirrors."""
    half = [
        bytes(round(255 * mark((column + 0.5) / side - 0.5, (row + 0.5) / side - 0.5, side)) for column in range(side))
        for row in range(side // 2)
    ]
    return half + half[::-1]


def picture(side, front, back=None):
    """The rows of a picture: RGB on a ground, or RGBA without one."""
    channels = 3 if back else 4
    shades = [
        bytes(round((f * part + b * (255 - part)) / 255) for part in range(256)) for f, b in zip(rgb(front), rgb(back or front))
    ]
    rows = []
    for parts in covered(side):
        line = bytearray(side * channels)
        for channel, shade in enumerate(shades):
            line[channel::channels] = parts.translate(shade)
        if back is None:
            line[3::4] = parts
        rows.append(bytes(line))
    return rows


def png(rows, channels):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    side = len(rows)
    header = struct.pack(">IIBBBBB", side, side, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pixels(data):
    """What a picture of ours shows: packed by another zlib, it is the same picture."""
    place, body = 8, b""
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        if kind == b"IDAT":
            body += data[place + 8 : place + 8 + size]
        place += size + 12
    return data[16:33], zlib.decompress(body)


def contents(**more):
    return (json.dumps({**more, "info": {"author": "xcode", "version": 1}}, indent=2) + "\n").encode()


def colour_set(light, dark):
    def entry(colour, look):
        parts = {name: f"0x{part:02X}" for name, part in zip(("red", "green", "blue"), rgb(colour))}
        found = {"idiom": "universal", "color": {"color-space": "srgb", "components": {**parts, "alpha": "1.000"}}}
        return {**found, **({"appearances": [{"appearance": "luminosity", "value": "dark"}]} if look else {})}

    return contents(colors=[entry(light, False), entry(dark, True)])


def files():
    """Every file of the catalogue by its path in it."""
    light, dark = COLOURS["Latch"]
    made = {"Contents.json": contents()}
    for name, (in_light, in_dark) in COLOURS.items():
        made[f"{name}.colorset/Contents.json"] = colour_set(in_light, in_dark)
    icons = {"icon.png": ("FFFFFF", light), "icon-dark.png": (dark, COLOURS["Ground"][1]), "icon-tinted.png": ("FFFFFF", "000000")}
    images = []
    for (name, (front, back)), look in zip(icons.items(), (None, "dark", "tinted")):
        made[f"AppIcon.appiconset/{name}"] = png(picture(1024, front, back), 3)
        image = {"filename": name, "idiom": "universal", "platform": "ios", "size": "1024x1024"}
        images.append({**image, **({"appearances": [{"appearance": "luminosity", "value": look}]} if look else {})})
    made["AppIcon.appiconset/Contents.json"] = contents(images=images)
    marks = []
    for look, colour in (("", light), ("-dark", dark)):
        for scale in (1, 2, 3):
            name = f"mark{look}-{scale}.png"
            made[f"Mark.imageset/{name}"] = png(picture(96 * scale, colour), 4)
            image = {"filename": name, "idiom": "universal", "scale": f"{scale}x"}
            marks.append({**image, **({"appearances": [{"appearance": "luminosity", "value": "dark"}]} if look else {})})
    made["Mark.imageset/Contents.json"] = contents(images=marks)
    return made


def problems(folder):
    """What is not as it would be drawn, and what cannot be read."""
    made = files()
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    found = [f"missing: {name}" for name in sorted(made.keys() - there)]
    found += [f"not ours: {name}" for name in sorted(there - made.keys())]
    for name in sorted(made.keys() & there):
        is_same = (folder / name).read_bytes() == made[name]
        if not is_same and name.endswith(".png"):
            is_same = pixels((folder / name).read_bytes()) == pixels(made[name])
        if not is_same:
            found.append(f"not as it is drawn: {name}")
    for text, ground, least in READ_ON:
        for place, look in enumerate(("light", "dark")):
            measured = contrast(COLOURS[text][place], COLOURS[ground][place])
            if measured < least:
                found.append(f"contrast of {text} on {ground}, {look}: {measured:.1f}")
    return found


def write(folder):
    for name, body in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def main():
    folder = HERE / "Assets.xcassets"
    if sys.argv[1:] != ["--check"]:
        write(folder)
        return 0
    found = problems(folder)
    # The check is seen to fail: on an empty folder everything is missing.
    with tempfile.TemporaryDirectory() as empty:
        if not problems(Path(empty)):
            found.append("the check finds nothing in an empty folder")
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
