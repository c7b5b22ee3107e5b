"""A made-up workspace with two sites, for the tests of this folder."""

from __future__ import annotations

from fsconsole.changes import frame, keys, stamp
from fsconsole.changes.batch import Act, Batch, Rows, encode

WORKSPACE = bytes(range(16))
KEY = b"k" * 32
RING = {keys.key_id(KEY): KEY}
LDN, LDS, ROOT = (keys.make_keys(bytes([n]) * 64) for n in (1, 2, 9))
CERTIFICATES = {b"cert-LDN": (1, LDN.sign_public), b"cert-LDS": (2, LDS.sign_public)}
NOW = 1_760_000_000_000
EPOCH = frame.make_epoch(1, 0xC0FFEE)


def key_of(certificate: bytes, site: int) -> bytes | None:
    known = CERTIFICATES.get(certificate)
    return known[1] if known and known[0] == site else None


def batch(number: int, site: int = 1, text: str = "Boiler down") -> tuple[int, bytes]:
    made = Batch(
        stamp.make(NOW + number, 0, site),
        Act(number.to_bytes(16, "big"), "amy", f"log {text}"),
        [Rows(9, (1, 2), [(number.to_bytes(16, "big"), text, number)])],
    )
    return made.stamp, encode(made)


def frame_bytes(seq: int = 1, prev: bytes = frame.NO_HASH, count: int = 2, **changed: object) -> bytes:
    """A frame of LDN, with any argument of ``frame.seal`` changed."""
    values: dict[str, object] = {
        "workspace": WORKSPACE,
        "site": 1,
        "epoch": EPOCH,
        "seq": seq,
        "prev": prev,
        "certificate": b"cert-LDN",
        "vector": {2: stamp.make(NOW, 0, 2)},
        "batches": [batch(seq % 1000 * 100 + n) for n in range(count)],
        "key": KEY,
        "salt": seq.to_bytes(8, "big"),
        "secret": LDN.sign,
    }
    return frame.seal(**{**values, **changed})  # type: ignore[arg-type]


def chain(length: int) -> list[bytes]:
    """Frames 1 to ``length`` of LDN, each naming the one before."""
    frames: list[bytes] = []
    prev = frame.NO_HASH
    for seq in range(1, length + 1):
        frames.append(frame_bytes(seq, prev))
        prev = frame.hash_of(frames[-1])
    return frames


def flipped(data: bytes, bit: int) -> bytes:
    """The bytes with one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
