"""Dialogs: one question each, answered from the keyboard; esc answers nothing.

Each is a ModalScreen: ``app.push_screen(PickOne("Who goes?", choices), took)`` and ``took(answer)`` gets the
answer, or None. They stand at the bottom, where the eyes are when typing, and leave the work above in sight.
"""

from fsconsole.console.dialogs.question import AskText, Choice, Confirm, PickOne

__all__ = ["AskText", "Choice", "Confirm", "PickOne"]
