"""The folder of photos: random names that tell nothing, a limit in size, and nothing but images."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1 << 20
_NAME: Final = re.compile(r"[0-9a-f]{32}(\.[a-z]{3,4})?")
_BEGINNINGS: Final = (
    ("jpg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("heic", re.compile(rb"....ftyp(heic|heix|mif1|msf1|hevc)", re.DOTALL)),
)
"""How files of images begin, whatever their names say."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the folder: its name there, its size in bytes, its SHA-256 in hexadecimal digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EvidenceFolder:
    """Photos on disk; `limit` in bytes."""

    path: Path
    limit: int = 10 * MEGABYTE

    def too_large(self, size: int | None) -> bool:
        """Whether a file of that size is not taken; of an unknown size that is seen later."""
        return size is not None and size > self.limit

    def keep(self, content: bytes, name: str = "") -> Kept:
        """Write an image whole or not at all under `name` (a random one when none is given), with its ending.

        ValueError when it is no image.
        """
        ending = image_type(content)
        if ending is None:
            raise ValueError("this is no image")
        self.path.mkdir(parents=True, exist_ok=True)
        name = f"{name or random_name()}.{ending}"
        unfinished = self.path / f"{name}.part"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path / name)
        return Kept(name, len(content), hashlib.sha256(content).hexdigest())

    def drop(self, name: str) -> None:
        """Remove a file that nobody refers to; harmless when it is gone."""
        if _NAME.fullmatch(name):
            (self.path / name).unlink(missing_ok=True)


def random_name() -> str:
    """A name that tells nothing and that nobody guesses."""
    return secrets.token_hex(16)


def image_type(content: bytes) -> str | None:
    """The usual ending of such an image's name, by how the file begins; None when it is no image."""
    return next((ending for ending, begins in _BEGINNINGS if begins.match(content)), None)
