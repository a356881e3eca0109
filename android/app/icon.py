#!/usr/bin/env python3
"""Draws the icon of Klink from a few numbers: a ring, held by a short bar at three o'clock.

    python3 icon.py [--check]    writes the drawables into src/main/res, or says which of them are not as drawn
"""

import pathlib
import sys

# The mark on a field of 28: the middle of the ring, its radius and width, and the bar.
X, Y, RADIUS, RING = 13, 14, 9.5, 4
BAR_FROM, BAR_TO, BAR = 17, 28, 5
GREEN, GROUND = "#0B6B5E", "#FBFBF8"

RES = pathlib.Path(__file__).parent / "src/main/res"


def mark(size, field, colour):
    """The mark, `size` large, in the middle of a square of `field`."""
    scale, edge = size / 28, (field - size) / 2
    n = lambda value: f"{value:.3f}".rstrip("0").rstrip(".")
    at = lambda value: n(edge + value * scale)
    left, right, radius = at(X - RADIUS), at(X + RADIUS), n(RADIUS * scale)
    ring = f"M{left},{at(Y)}A{radius},{radius} 0 1 0 {right},{at(Y)}A{radius},{radius} 0 1 0 {left},{at(Y)}Z"
    bar = f"M{at(BAR_FROM)},{at(Y)}H{at(BAR_TO)}"
    paths = "".join(
        f'    <path\n        android:pathData="{path}"\n        android:strokeColor="{colour}"\n'
        f'        android:strokeWidth="{n(width * scale)}" />\n'
        for path, width in ((ring, RING), (bar, BAR))
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!-- Drawn by icon.py. -->\n'
        '<vector xmlns:android="http://schemas.android.com/apk/res/android"\n'
        f'    android:width="{field}dp"\n    android:height="{field}dp"\n'
        f'    android:viewportWidth="{field}"\n    android:viewportHeight="{field}">\n{paths}</vector>\n'
    )


ADAPTIVE = """<?xml version="1.0" encoding="utf-8"?>
<!-- Drawn by icon.py. -->
<adaptive-icon xmlns:android="http://schemas.android.com/apk/res/android">
    <background android:drawable="@color/ic_launcher_ground" />
    <foreground android:drawable="@drawable/ic_launcher_mark" />
    <monochrome android:drawable="@drawable/ic_launcher_mark" />
</adaptive-icon>
"""
COLOURS = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- Drawn by icon.py. -->
<resources>
    <color name="ic_launcher_ground">{GROUND}</color>
</resources>
"""

# A launcher shows the middle 66 of 108 for certain; a notice's sign is white, and the system colours it.
DRAWN = {
    "drawable/ic_launcher_mark.xml": mark(54, 108, GREEN),
    "drawable/ic_notice.xml": mark(24, 24, "#FFFFFF"),
    "mipmap-anydpi/ic_launcher.xml": ADAPTIVE,
    "values/icon.xml": COLOURS,
}

if __name__ == "__main__":
    wrong = [path for path, text in DRAWN.items() if not (RES / path).exists() or (RES / path).read_text() != text]
    if "--check" in sys.argv:
        sys.exit(f"not as drawn: {', '.join(wrong)}" if wrong else 0)
    for path, text in DRAWN.items():
        (RES / path).parent.mkdir(parents=True, exist_ok=True)
        (RES / path).write_text(text)
