"""Keys: a site's two key pairs, the workspace key, signatures, and the file that keeps them.

It stands apart because private keys live outside the store and outside the shared folder, and only this module
handles them. libsodium (https://doc.libsodium.org) does the work; it loads on first use.

Always: what is signed carries a tag that says what kind of thing it is, so that no signature passes for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from .verdict import Problem, Verdict

KEY_SIZE = 32
SEED_SIZE = 64  #: random bytes that make a site's keys
SIGNATURE_SIZE = 64
CERTIFICATE_SIZE = 8  #: leading bytes of a membership entry's hash, as headers carry it
ROOT = bytes(CERTIFICATE_SIZE)  #: stands in a header for the root key

KeyOf: TypeAlias = Callable[[bytes, int], bytes | None]
"""(certificate, site) -> the public key that must have signed, None when not known."""


class SiteKeys(NamedTuple):
    """A site's private keys: ``sign`` (Ed25519, 64 bytes as libsodium keeps it), ``box`` (X25519, 32 bytes)."""

    sign: bytes
    box: bytes

    @property
    def sign_public(self) -> bytes:
        return self.sign[KEY_SIZE:]

    @property
    def box_public(self) -> bytes:
        from nacl.bindings import crypto_scalarmult_base

        return crypto_scalarmult_base(self.box)


def make_keys(seed: bytes) -> SiteKeys:
    """A site's keys from 64 random bytes: the first half signs, the second opens. Raises ValueError."""
    if len(seed) != SEED_SIZE:
        raise ValueError(f"keys are made from {SEED_SIZE} random bytes, not {len(seed)}")
    return SiteKeys(signer(seed[:KEY_SIZE]), seed[KEY_SIZE:])


def signer(seed: bytes) -> bytes:
    """The Ed25519 secret (64 bytes, its public key last) of a 32-byte seed; the root key is one."""
    from nacl.bindings import crypto_sign_seed_keypair

    return crypto_sign_seed_keypair(seed)[1]


def sign(tag: bytes, message: bytes, secret: bytes) -> bytes:
    """The signature (64 bytes) of a message under a tag."""
    from nacl.bindings import crypto_sign

    return crypto_sign(tag + message, secret)[:SIGNATURE_SIZE]


def is_signed(tag: bytes, message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the holder of ``public`` signed the message under this tag."""
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import BadSignatureError

    if len(signature) != SIGNATURE_SIZE or len(public) != KEY_SIZE:
        return False
    try:
        crypto_sign_open(signature + tag + message, public)
    except BadSignatureError:
        return False
    return True


def wrap(key: bytes, box_public: bytes) -> bytes:
    """The workspace key sealed so that only the holder of a box key reads it (libsodium sealed box)."""
    from nacl.bindings import crypto_box_seal

    return crypto_box_seal(key, box_public)


def unwrap(sealed: bytes, keys: SiteKeys) -> bytes | Problem:
    """The workspace key that was wrapped to this site."""
    from nacl.bindings import crypto_box_seal_open
    from nacl.exceptions import CryptoError

    try:
        key = crypto_box_seal_open(sealed, keys.box_public, keys.box)
    except (CryptoError, ValueError, TypeError):
        return Problem(Verdict.LOCKED, "This workspace key was not wrapped for this site.")
    if len(key) != KEY_SIZE:
        return Problem(Verdict.REFUSED, "What was wrapped for this site is not a workspace key.")
    return key


def key_id(key: bytes) -> int:
    """The number (32 bits) by which headers name a workspace key; says nothing about the key."""
    return int.from_bytes(hashlib.blake2b(key, digest_size=4, person=b"fsc1-key-id").digest(), "big")


def derive(key: bytes, salt: bytes, use: bytes) -> bytes:
    """A key of its own (32 bytes) for one salt and one use (at most 16 bytes of name)."""
    return hashlib.blake2b(salt, key=key, digest_size=KEY_SIZE, person=use).digest()


def lock(plain: bytes, aad: bytes, key: bytes, count: int = 0) -> bytes:
    """XChaCha20-Poly1305 under a key that is used for one salt; ``count`` numbers the pieces sealed under it."""
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

    return encrypt(plain, aad, count.to_bytes(24, "big"), key)


def unlock(sealed: bytes, aad: bytes, key: bytes, count: int = 0) -> bytes | None:
    """What ``lock`` sealed; None when a byte of it, its number or ``aad`` differs."""
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
    from nacl.exceptions import CryptoError

    try:
        return decrypt(sealed, aad, count.to_bytes(24, "big"), key)
    except (CryptoError, ValueError, TypeError):
        return None


LOCK_SIZE = 16  #: bytes that ``lock`` adds


def fingerprint(public: bytes) -> str:
    """A public key in a form to compare by telephone: four groups of four hexadecimal digits."""
    text = hashlib.sha256(b"fsc1-fingerprint" + public).hexdigest()[:16]
    return " ".join(text[at : at + 4] for at in range(0, 16, 4))


class KeyFile(NamedTuple):
    """What one site keeps apart from its store: its keys, every workspace key it was given, newest first."""

    workspace: bytes
    site: int
    root_public: bytes
    keys: SiteKeys
    ring: tuple[bytes, ...]
    root_secret: bytes = b""  #: at the owner's first site only

    def by_id(self) -> Mapping[int, bytes]:
        """{key id: workspace key}, as ``frame.unseal`` takes it."""
        return {key_id(key): key for key in self.ring}


_TITLE = "fsconsole keys 1"


def encode_file(file: KeyFile) -> bytes:
    """The key file: one ``name: hexadecimal`` a line, the last a check over the lines before it."""
    lines = [
        _TITLE,
        f"workspace: {file.workspace.hex()}",
        f"site: {file.site:04x}",
        f"root-public: {file.root_public.hex()}",
        f"sign: {file.keys.sign.hex()}",
        f"box: {file.keys.box.hex()}",
        *(f"workspace-key: {key.hex()}" for key in file.ring),
    ]
    if file.root_secret:
        lines.append(f"root-secret: {file.root_secret.hex()}")
    return ("\n".join([*lines, f"check: {_check(lines)}"]) + "\n").encode()


def _check(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def decode_file(data: bytes) -> KeyFile | Problem:
    """The keys in a key file."""
    lines = data.decode("utf-8", "replace").split("\n")
    if lines[0] != _TITLE:
        return Problem(Verdict.FOREIGN, f"This is not a key file: its first line is not “{_TITLE}”.")
    if len(lines) < 3 or lines[-1] or lines[-2] != f"check: {_check(lines[:-2])}":
        return Problem(Verdict.DAMAGED, "The key file was cut short or changed; restore it from your backup.")
    found: dict[str, list[bytes]] = {}
    try:
        for line in lines[1:-2]:
            name, _, text = line.partition(": ")
            found.setdefault(name, []).append(bytes.fromhex(text))
        keys = SiteKeys(found["sign"][0], found["box"][0])
        file = KeyFile(
            found["workspace"][0],
            int.from_bytes(found["site"][0], "big"),
            found["root-public"][0],
            keys,
            tuple(found.get("workspace-key", [])),
            found.get("root-secret", [b""])[0],
        )
    except (KeyError, ValueError) as error:
        return Problem(Verdict.DAMAGED, f"The key file lacks something or holds what is not hexadecimal: {error}.")
    sizes = [len(file.workspace), len(keys.sign), len(keys.box), len(file.root_public), *map(len, file.ring)]
    if sizes != [16, 64, 32, 32] + [KEY_SIZE] * len(file.ring) or len(file.root_secret) not in (0, 64):
        return Problem(Verdict.DAMAGED, "The key file holds a key of the wrong length.")
    return file
