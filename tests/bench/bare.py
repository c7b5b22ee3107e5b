"""The least a Textual program can be: one widget, one key that changes one character. Everything is measured against it."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        self.presses = 0
        yield Static("0")

    def on_key(self, event: events.Key) -> None:
        if event.key == "q":
            self.exit()
            return
        self.presses += 1
        self.query_one(Static).update(str(self.presses % 10))


if __name__ == "__main__":
    Bare().run()
