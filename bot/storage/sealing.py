"""Values that are encrypted at rest: the key ring, and the forms in which a sealed value is stored.

AES-256-GCM with a random nonce of 96 bits. What is authenticated besides is the column's name: a sealed value
copied into another column does not open. A key has a name, which stands before the value, so that values of
an older key can be read until `keys rotate` has sealed them anew. Without keys values stay as they are.
"""

from __future__ import annotations

import hmac
import os
import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect

from bot.errors import HubangError

MARK: Final = "hb1:"
BYTES_MARK: Final = b"hb1\0"
KEY_BYTES: Final = 32
NONCE: Final = 12
FINDER: Final = 32
"""Hexadecimal digits of what a number is found by: too many for two numbers of a province to share them."""
OPEN: Final = "-"
"""In place of a key's name: a plain value that would otherwise look sealed."""
_SEPARATORS: Final = re.compile(r"[\s\-()+.]+")


class KeyMissing(HubangError):
    """A value is sealed with key "{key}", which HUBANG_KEYS does not hold: add it behind the first one."""


class SealBroken(HubangError):
    """A sealed value of {place} does not open: it was changed, or the key "{key}" is not the one it had."""


class KeyRing:
    """Keys by name: the first seals, all of them open."""

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        """`keys` are names with 32 bytes each; an empty ring leaves everything plain."""
        self._sealers: Final = {name: AESGCM(_derived(key, b"seal")) for name, key in keys}
        self._finders: Final = {name: _derived(key, b"find") for name, key in keys} | {OPEN: b"find"}
        self._witnesses: Final = {name: _derived(key, b"witness") for name, key in keys}
        self.first: Final = keys[0][0] if keys else OPEN

    @property
    def is_empty(self) -> bool:
        """Whether nothing is sealed."""
        return self.first == OPEN

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the keys, the one that seals first."""
        return tuple(self._sealers)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Nonce and sealed bytes under the first key; `place` is the column ("households.phone")."""
        nonce = os.urandom(NONCE)
        return nonce + self._sealers[self.first].encrypt(nonce, plain, place)

    def unseal(self, sealed: bytes, key: str, place: bytes) -> bytes:
        """The plain bytes; raises KeyMissing or SealBroken."""
        sealer = self._sealers.get(key)
        if sealer is None:
            raise KeyMissing(key=key)
        try:
            return sealer.decrypt(sealed[:NONCE], sealed[NONCE:], place)
        except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
            raise SealBroken(place=place.decode(), key=key) from None

    def digest(self, data: bytes, key: str | None = None) -> bytes:
        """A keyed digest under the key of that name (the first one), for chains that nobody else can forge.

        Of an empty ring it is a digest that everybody could make. Raises KeyMissing.
        """
        name = self.first if key is None else key
        if name == OPEN:
            return sha256(data).digest()
        if name not in self._witnesses:
            raise KeyMissing(key=name)
        return hmac.digest(self._witnesses[name], data, "sha256")

    def finders(self, number: str) -> list[str]:
        """What an identity number may be found by: under the first key, under the others, and without any."""
        plain = normalised(number).encode()
        return [
            f"{name}:{hmac.digest(key, plain, 'sha256').hex()[:FINDER]}"
            for name, key in self._finders.items()
        ]


NO_KEYS: Final = KeyRing(())


def normalised(value: str) -> str:
    """A number as it is looked for: without spaces and dashes, its check letter a capital."""
    return _SEPARATORS.sub("", value).upper()


def hand_over(dialect: Dialect, ring: KeyRing) -> None:
    """Let every connection of the engine of this dialect seal and open with these keys."""
    dialect.hubang_ring = ring  # type: ignore[attr-defined]


def ring_of(dialect: Dialect) -> KeyRing:
    """The keys of the engine of this dialect; none if nobody handed any over."""
    ring: KeyRing = getattr(dialect, "hubang_ring", NO_KEYS)
    return ring


def key_of(stored: object) -> str | None:
    """The name of the key that a stored value was sealed with; None of a plain one."""
    if isinstance(stored, bytes):
        if not stored.startswith(BYTES_MARK):
            return None
        return stored[len(BYTES_MARK) :].partition(b"\0")[0].decode()
    if isinstance(stored, str) and stored.lstrip('"').startswith(MARK):
        return stored.lstrip('"').split(":", 2)[1]
    return None


def sealed(ring: KeyRing, plain: str, place: bytes) -> str:
    """Text in the form of a sealed value, even where there is no key to seal it with."""
    data = plain.encode() if ring.is_empty else ring.seal(plain.encode(), place)
    return f"{MARK}{ring.first}:{b2a_base64(data, newline=False).decode()}"


def seal_text(ring: KeyRing, plain: str, place: bytes) -> str:
    """Text as it is stored: sealed when there are keys and anything to seal."""
    return (
        plain if not plain or (ring.is_empty and not plain.startswith(MARK)) else sealed(ring, plain, place)
    )


def open_text(ring: KeyRing, stored: str, place: bytes) -> str:
    """Text as it was; what was stored before there were keys is taken as it is. KeyMissing, SealBroken."""
    if not stored.startswith(MARK):
        return stored
    try:
        _, key, letters = stored.split(":", 2)
        data = a2b_base64(letters, strict_mode=True)
    except (ValueError, Error):
        raise SealBroken(place=place.decode(), key=stored[len(MARK) :].partition(":")[0][:20]) from None
    return (data if key == OPEN else ring.unseal(data, key, place)).decode()


def seal_bytes(ring: KeyRing, plain: bytes, place: bytes) -> bytes:
    """Bytes as they are stored: sealed when there are keys."""
    if ring.is_empty:
        return BYTES_MARK + OPEN.encode() + b"\0" + plain if plain.startswith(BYTES_MARK) else plain
    return BYTES_MARK + ring.first.encode() + b"\0" + ring.seal(plain, place)


def open_bytes(ring: KeyRing, stored: bytes, place: bytes) -> bytes:
    """Bytes as they were; KeyMissing, SealBroken."""
    if not stored.startswith(BYTES_MARK):
        return stored
    key, _, data = stored[len(BYTES_MARK) :].partition(b"\0")
    return data if key == OPEN.encode() else ring.unseal(data, key.decode("ascii", "replace"), place)


def _derived(key: bytes, use: bytes) -> bytes:
    """A key for one use only, so that no two uses ever share one."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"hubang/" + use).derive(key)
