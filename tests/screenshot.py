"""Draws the README's picture: the board of the demo, as the console paints it.

    python tests/screenshot.py [--view board] [--size 120x36] [--out fixtures/board.svg]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


async def draw(home: Path, view: str, size: tuple[int, int], theme: str) -> str:
    from fsconsole.console.app import ConsoleApp
    from fsconsole.console.themes import load_looks
    from fsconsole.opening import open_desk
    from fsconsole.places import home_at, shipped
    from fsconsole.settings import Settings

    place = home_at(home)
    looks, _ = load_looks([shipped("themes")])
    app = ConsoleApp(open_desk("jo", place), place, Settings(), looks[theme], view=view, fresh=True, looks=looks)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(1.5)
        return app.export_screenshot(title="fsconsole")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--view", default="board")
    parser.add_argument("--size", default="120x36")
    parser.add_argument("--theme", default="night")
    parser.add_argument("--out", default="fixtures/board.svg")
    args = parser.parse_args()
    from fsconsole.demo import prepare

    width, height = (int(part) for part in args.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        opens = prepare(Path(folder), 7)
        os.environ["FSCONSOLE_NOW"] = opens.isoformat()
        svg = asyncio.run(draw(Path(folder) / "LDN", args.view, (width, height), args.theme))
    # No font is fetched from anywhere: whoever looks has a monospaced one.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S).replace("Fira Code", "DejaVu Sans Mono")
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    Path(args.out).write_text(re.sub(r"\n\s*\n+", "\n", svg), encoding="utf-8")
    print(f"{args.out}: {len(svg):,} characters")


if __name__ == "__main__":
    main()
