"""The keys in force: the table of keys, a keymap that ships, and a person's own settings over both, checked.

It stands apart because footer, help, palette, bindings and letters must all be told the same keys, and because a key that
no terminal delivers, or that means two things, must be refused with a sentence and never just be dead.

Always: a keymap with a complaint costs those entries alone; the rest of it is in force.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from fsconsole import verbs
from fsconsole.console.keys import KEYS, Hint, Key, undeliverable
from fsconsole.settings import Settings, line_of

#: Where the keymaps that ship stand, one TOML file each.
SHIPPED = Path(__file__).resolve().parent / "keymaps"
DEFAULT = "default"
#: The kinds of things that can be chosen in a place: their letters must not be keys there.
KINDS: dict[str, tuple[str, ...]] = {
    "board": ("job",), "exceptions": ("exception",), "alerts": ("alert",), "sheet": ("job", "client"),
    "money": ("money", "contract"), "day": ("technician",), "map": ("job", "technician"),
}  # fmt: skip
EVERYWHERE = ("job", "client", "contract", "technician", "exception", "money", "alert")
#: Places whose keys work while letters are typed.
TYPING = ("line", "form")
#: How a key is written in the footer and in help.
SHOWN = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End",
    "enter": "⏎", "backspace": "bksp", "escape": "esc", "minus": "-", "plus": "+", "full_stop": ".", "comma": ",", "slash": "/",
    "colon": ":", "semicolon": ";", "question_mark": "?", "asterisk": "*", "equals_sign": "=", "left_square_bracket": "[",
    "right_square_bracket": "]", "left_curly_bracket": "{", "right_curly_bracket": "}", "underscore": "_",
    "exclamation_mark": "!", "apostrophe": "'",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in force: ``keys`` is the whole table, ``letters_`` the letters of verbs that differ from the table of verbs."""

    name: str = DEFAULT
    title: str = ""
    keys: tuple[Key, ...] = KEYS
    letters_: Mapping[str, str] = field(default_factory=dict)
    _found: dict[str, dict[str, verbs.Verb]] = field(default_factory=dict)

    def letters(self, kind: str) -> dict[str, verbs.Verb]:
        """The verbs that a letter does to a thing of this kind, by letter, in the order of the table of verbs."""
        found = self._found.get(kind)
        if found is None:
            found = self._found[kind] = {self.letter(verb): verb for verb in verbs.VERBS if verb.key and fits(verb, kind)}
        return found

    def letter(self, verb: verbs.Verb) -> str:
        """The letter of a verb; '' when it has none."""
        return self.letters_.get(verb.name, verb.key)

    def hints(self, *places: str, leave_out: Iterable[str] = ()) -> list[Hint]:
        """Footer hints of these places; ``leave_out`` names actions that cannot be taken now, so that hints never lie."""
        absent = set(leave_out)
        return [
            Hint(k.shown, k.words, k.priority) for k in self.keys if k.where in places and k.priority and k.action not in absent
        ]

    def for_textual(self) -> dict[str, str]:
        """Ids and keys that differ from the table, as Textual's ``set_keymap`` takes them."""
        usual = {key.id: key.keys for key in KEYS}
        return {key.id: key.keys for key in self.keys if usual[key.id] != key.keys}


def fits(verb: verbs.Verb, kind: str) -> bool:
    """Whether a verb is done to things of a kind."""
    if not verb.takes:
        return False
    return verb.group == kind or (kind == "technician" and verb.takes[0] == "visit")


def keymap_of(settings: Settings, settings_file: Path, shipped: Path) -> tuple[Keymap, list[str]]:
    """The keymap that the settings ask for and what is wrong with it, each with file, line and key."""
    complaints: list[str] = []
    keys: dict[str, str] = {}
    letters: dict[str, str] = {}
    name, title = settings.keymap or DEFAULT, ""
    if name != DEFAULT:
        path = shipped / f"{name}.toml"
        try:
            raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            there = ", ".join([DEFAULT, *sorted(one.stem for one in shipped.glob("*.toml"))])
            where = f"{settings_file}:{line_of(_text(settings_file), 'keymap')}: keymap"
            complaints.append(f"{where}: there is no keymap “{name}”; there are {there}. The default is in use.")
            name = DEFAULT
        else:
            title = str(raw.get("title", name))
            given = _checked(dict(raw.get("keys", {})), dict(raw.get("letters", {})), {}, {}, path)
            keys, letters, wrong = given
            complaints += wrong
    if settings.keys or settings.letters:
        keys, letters, wrong = _checked(settings.keys, settings.letters, keys, letters, settings_file)
        complaints += wrong
    return made(name, title, keys, letters), complaints


def made(name: str, title: str, keys: Mapping[str, str], letters: Mapping[str, str]) -> Keymap:
    """The table with other keys for some of its ids, and other letters for some verbs."""
    table = tuple(
        key._replace(keys=keys[key.id], shown=shown(keys[key.id])) if key.id in keys and keys[key.id] != key.keys else key
        for key in KEYS
    )
    table = tuple(
        key._replace(keys=letters["dispatch"], shown=letters["dispatch"])
        if key.action == "verb('d')" and "dispatch" in letters
        else key
        for key in table
    )
    return Keymap(name, title, table, dict(letters))


def shown(keys: str) -> str:
    """``up,k`` as a person reads it: ``↑ k``."""
    return " ".join(_shown(one) for one in keys.split(","))


def _shown(key: str) -> str:
    if key.startswith("ctrl+"):
        return "^" + _shown(key[5:]).upper()
    if key.startswith("shift+"):
        return "⇧" + _shown(key[6:])
    if re.fullmatch(r"f\d+", key):
        return key.upper()
    return SHOWN.get(key, key)


# What is wrong with a keymap.


def _checked(
    keys: Mapping[str, str], letters: Mapping[str, str], under: Mapping[str, str], letters_under: Mapping[str, str], file: Path
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """(keys, letters, complaints): what is asked for in ``file`` over what stands ``under``, without what is refused."""
    text = _text(file)
    complaints: list[str] = []
    good, said = dict(under), dict(letters_under)

    def complain(key: str, words: str) -> None:
        complaints.append(f"{file}:{line_of(text, key)}: {key}: {words}")

    for id, wanted in keys.items():
        trouble = _unreadable(id, wanted)
        if trouble:
            complain(id, trouble)
        else:
            good[id] = ",".join(textual_name(one) for one in wanted.split(","))
    for name, letter in letters.items():
        trouble = _not_a_letter(name, letter)
        if trouble:
            complain(name, trouble)
        else:
            said[name] = letter
    usual = _clashes({}, {})
    # One entry at a time is taken back, the last first, until nothing means two things.
    for _ in range(len(keys) + len(letters)):
        found = [one for one in _clashes(good, said) if one not in usual]
        if not found:
            break
        first, second, key = found[0]
        asked = [one for one in (second, first) if one in keys or one in letters]
        if not asked:
            break
        complain(asked[0], f"{_shown(key)} is already {_other(first, second, asked[0])}; choose another key")
        for kept, before in ((good, under), (said, letters_under)):
            if asked[0] in kept:
                if asked[0] in before:
                    kept[asked[0]] = before[asked[0]]
                else:
                    del kept[asked[0]]
    return good, said, complaints


def _unreadable(id: str, wanted: str) -> str:
    known = {key.id: key for key in KEYS}
    if id not in known:
        near = [name for name in known if name.split(".")[-1] == id.split(".")[-1]] or get_close_matches(id, known, 1)
        return "is not an action; " + (f"did you mean {near[0]}?" if near else "the ids stand in help, at the right of each key")
    for one in wanted.split(","):
        name = textual_name(one)
        if not name:
            return f"“{one}” is no key; write a letter, a sign, up, home, f5, ctrl+d, shift+up and the like"
        if why := undeliverable(name):
            return f"{one.strip()} {why}; choose another key"
        if known[id].where in TYPING and len(name) == 1:
            return f"{one.strip()} would be typed there; choose a key that writes nothing"
    return ""


def _not_a_letter(name: str, letter: str) -> str:
    with_letter = {verb.name: verb for verb in verbs.VERBS if verb.key and verb.takes}
    if name not in with_letter:
        near = get_close_matches(name, with_letter, 1)
        there = f"did you mean {near[0]}?" if near else f"these have one: {', '.join(with_letter)}"
        return f"is no verb with a letter; {there}"
    if len(letter) != 1 or not letter.isascii() or not letter.isalpha():
        return f"“{letter}” is not one letter; digits begin a reference, signs are keys of the console"
    return ""


def textual_name(key: str) -> str:
    """Textual's name of a key as a person writes it (``/`` is ``slash``); '' when there is no such key."""
    from textual.keys import Keys, _character_to_key

    key = key.strip()
    if len(key) == 1:
        return _character_to_key(key)
    *before, last = key.split("+") if key != "+" else ["plus"]
    if any(one not in ("ctrl", "shift", "alt", "super", "meta") for one in before):
        return ""
    known = {one.value for one in Keys} | set(SHOWN) | {"space", "delete", "insert", "tab"}
    if len(last) == 1 and before:
        return "+".join([*before, _character_to_key(last)])
    return "+".join([*before, last]) if last in known or re.fullmatch(r"f\d\d?", last) else ""


def _clashes(keys: Mapping[str, str], letters: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(one, other, key) of every two meanings of a key in one place: ids of the table, or names of verbs."""
    table = [(key, one) for key in KEYS for one in keys.get(key.id, key.keys).split(",")]
    by_key: dict[str, list[Key]] = {}
    for key, one in table:
        by_key.setdefault(one, []).append(key)
    found = [
        (a.id, b.id, one)
        for one, some in by_key.items()
        for index, a in enumerate(some)
        for b in some[index + 1 :]
        if a.id != b.id and _meet(a.where, b.where)
    ]
    for kind in EVERYWHERE:
        taken: dict[str, str] = {}
        for verb in verbs.VERBS:
            if not verb.key or not fits(verb, kind):
                continue
            letter = letters.get(verb.name, verb.key)
            other = taken.setdefault(letter, verb.name)
            if other != verb.name:
                found.append((other, verb.name, letter))
            for key in by_key.get(letter, ()):
                same = key.action == f"verb('{verb.keys[0]}')"
                if not same and key.where not in TYPING and kind in KINDS.get(key.where, EVERYWHERE):
                    found.append((verb.name, key.id, letter))
    return found


def _meet(a: str, b: str) -> bool:
    """Whether the keys of two places work at the same time. The map has arrows of its own."""
    if a == b:
        return True
    if a in TYPING or b in TYPING:
        return False
    return "app" in (a, b) or ("move" in (a, b) and "map" not in (a, b))


def _other(first: str, second: str, asked: str) -> str:
    other = first if asked == second else second
    words = next((key.words for key in KEYS if key.id == other), "")
    return f"“{words}” ({other})" if words else f"the letter of the verb “{other}”"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


__all__ = ["DEFAULT", "Keymap", "fits", "keymap_of", "made", "shown", "textual_name"]
