"""Photos and papers attached to a job: kept as blobs by their digest, which arrive at the other sites when they can.

It stands apart because a record and its blob travel apart: the record at once, the blob later, and the blob may expire.

Always: a file is told by what it holds, not by its name; it is never opened, run or rendered here; a name that came with it
is never a path; what is saved out never replaces a file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow.acting import record
from fsconsole.rules.words import count
from fsconsole.store import blobs
from fsconsole.store.queries.jobs import FileRow, files
from fsconsole.store.tables import put
from fsconsole.values.work import Job

#: A file may hold this many bytes.
LARGEST = 10_000_000
#: What a file begins with, and what it is then.
_BEGINS = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF8", "GIF"), (b"%PDF-", "PDF"),
    (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"),
)  # fmt: skip
_ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "PDF": ".pdf", "TIFF": ".tif", "WebP": ".webp", "HEIC": ".heic"}
_SAME = {"JPEG": (".jpg", ".jpeg"), "TIFF": (".tif", ".tiff"), "HEIC": (".heic", ".heif")}


def kind_of(data: bytes) -> str:
    """What a file holds, by its first bytes; '' for what is neither a photo nor a PDF."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"avif"):
        return "HEIC"
    return next((kind for begins, kind in _BEGINS if data.startswith(begins)), "")


def attach(desk: Desk, job: Job, names: Sequence[str]) -> Done:
    """Attaches files to a job, all or none.

    Raises Refused when one is no photo or PDF, too large, or attached already.
    """
    known = {one.digest for one in files(desk.store, job.id)}
    taken: dict[bytes, tuple[str, str, bytes]] = {}
    for name in names:
        data = _read(Path(name).expanduser())
        kind, digest = kind_of(data), sha256(data).digest()
        if not kind:
            raise Refused(f"{name} is neither a photo nor a PDF.", "JPEG, PNG, HEIC, WebP, GIF, TIFF and PDF can be attached.")
        if digest in known or digest in taken:
            raise Refused(f"{name} is attached to {job.ref} already.", "There is nothing to do.")
        taken[digest] = (clean(Path(name).name, kind), kind, data)
    sizes = sum(len(data) for _, _, data in taken.values())
    words = f"{job.ref} {count(len(taken), 'file')} attached ({size_words(sizes)}): {', '.join(one[0] for one in taken.values())}"
    puts = [
        put("attachment", desk.ids(), about=job.id, digest=digest, name=name, kind=kind, size=len(data), at=desk.at, by=desk.by)
        for digest, (name, kind, data) in taken.items()
    ]
    if desk.dry:
        return Done(words, ref=job.ref, row=job.id, dry=True)
    with desk.store.writing() as conn:
        for digest, (_, _, data) in taken.items():
            # Bytes that were destroyed by policy and are attached anew stand again.
            conn.execute(
                "INSERT INTO blob (digest, bytes, kind) VALUES (?, ?, 'file') ON CONFLICT (digest) DO UPDATE SET"
                " bytes = excluded.bytes, published = CASE WHEN blob.published = 2 AND blob.bytes IS NOT NULL THEN 2 ELSE 0 END",
                (digest, data),
            )
        return record(desk, puts, words, ref=job.ref, row=job.id)


def _read(path: Path) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise Refused(f"{path} is not a file.", "Name photos or PDFs, one after the other.")
        if about.st_size > LARGEST:
            raise Refused(f"{path} holds {size_words(about.st_size)}.", f"Make it smaller: up to {size_words(LARGEST)}.")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}).", "Give the path of a file on this machine.") from None
    if len(data) > LARGEST:
        raise Refused(f"{path} is growing.", "Attach it once it is whole.")
    return data


def clean(name: str, kind: str) -> str:
    """A file's name as it may be kept and written anywhere: no path, no control characters, its ending by what it holds."""
    bare = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "-" for letter in name).strip(" .-")
    stem, dot, ending = bare.rpartition(".")
    if dot and f".{ending.lower()}" in _SAME.get(kind, (_ENDINGS[kind],)):
        return f"{stem[:100]}.{ending}" if stem else f"file{_ENDINGS[kind]}"
    return f"{(bare or 'file')[:100]}{_ENDINGS[kind]}"


def size_words(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{max(size / 1e3, 0.1):.1f} kB"


def state_of(one: FileRow) -> str:
    """Whether the file itself is here, in a few words."""
    words = {"here": "", "awaited": "not here yet: it comes when its site has sent it", "destroyed": "destroyed by policy"}
    return words[one.state]


def save_out(desk: Desk, job: Job, folder: Path) -> Done:
    """Writes a job's files that are here into a folder; never over another file. Raises Refused.

    Names come from other machines: each is cleaned again before it becomes a path.
    """
    found = files(desk.store, job.id)
    if not found:
        raise Refused(f"{job.ref} has no files.", "Attach some: attach JOB FILE")
    said, missing = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in found:
            data = blobs.bytes_of(desk.store.raw, one.digest)
            if data is None or sha256(data).digest() != one.digest:
                missing.append(f"{one.name}: {state_of(one) or 'damaged here; see fsconsole verify'}")
                continue
            said.append(_write(folder, clean(one.name, one.kind if one.kind in _ENDINGS else kind_of(data) or "PDF"), data))
    except OSError as error:
        raise Refused(f"{folder} cannot be written ({error.strerror}).", "Name a folder that you may write.") from None
    words = f"{job.ref}: {count(len(said), 'file')} saved to {folder}"
    return Done("\n".join([words, *(f"left out {each}" for each in missing)]), ref=job.ref, row=job.id)


def _write(folder: Path, name: str, data: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{stem} {number}.{ending}")
        try:
            # Readable and writable, never executable; a link that lies there is not followed.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        return path.name


__all__ = ["LARGEST", "attach", "clean", "kind_of", "save_out", "size_words", "state_of"]
