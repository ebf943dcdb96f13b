"""The folder of photos: random names that tell nothing, a limit in size, and nothing but images."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.settings import Settings
from bot.storage import database
from bot.storage.sealing import NO_KEYS, KeyRing, key_of, open_bytes, seal_bytes

FILES: Final = "hubang-files"
MEGABYTE: Final = 1 << 20
HEAD: Final = 64
"""So many bytes hold the name of the key with which a photo is sealed."""
PLACE: Final = b"evidence"
"""What sealed photos are authenticated with."""
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
    """Photos on disk, sealed with the keys of `ring`; `limit` in bytes."""

    path: Path
    limit: int = 10 * MEGABYTE
    ring: KeyRing = field(default=NO_KEYS, repr=False)

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
        name = f"{name or random_name()}.{ending}"
        self._write(name, content)
        return Kept(name, len(content), hashlib.sha256(content).hexdigest())

    def _write(self, name: str, content: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        unfinished = self.path / f"{name}.part"
        with unfinished.open("wb") as file:
            file.write(seal_bytes(self.ring, content, PLACE))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path / name)

    def read(self, name: str) -> bytes | None:
        """The image of that name; None when there is none. KeyMissing, SealBroken."""
        path = self.path / name
        if not _NAME.fullmatch(name) or not path.is_file():
            return None
        return open_bytes(self.ring, path.read_bytes(), PLACE)

    def names(self) -> list[str]:
        """The names of all images in the folder."""
        return sorted(each.name for each in self.path.glob("*") if _NAME.fullmatch(each.name))

    def put_back(self, name: str, content: bytes) -> None:
        """Write an image under the name that it had; ValueError when that is no name of ours."""
        if not _NAME.fullmatch(name):
            raise ValueError("no name of a photo")
        self._write(name, content)

    def reseal(self) -> int:
        """Seal every image with the first key that is not yet; how many. KeyMissing, SealBroken."""
        number = 0
        for name in self.names():
            with (self.path / name).open("rb") as file:
                key = key_of(file.read(HEAD))
            content = self.read(name) if key != self.ring.first and not self.ring.is_empty else None
            if content is not None:
                self._write(name, content)
                number += 1
        return number

    def drop(self, name: str) -> None:
        """Remove a file that nobody refers to; harmless when it is gone."""
        if _NAME.fullmatch(name):
            (self.path / name).unlink(missing_ok=True)


def folder_of(settings: Settings) -> EvidenceFolder:
    """Where photos are kept: where the settings say, else beside the database."""
    beside = database.folder(settings.database_url) or Path()
    path = Path(settings.files_dir) if settings.files_dir else beside / FILES
    return EvidenceFolder(path, settings.evidence_limit_mb * MEGABYTE, KeyRing(settings.hubang_keys))


def random_name() -> str:
    """A name that tells nothing and that nobody guesses."""
    return secrets.token_hex(16)


def image_type(content: bytes) -> str | None:
    """The usual ending of such an image's name, by how the file begins; None when it is no image."""
    return next((ending for ending, begins in _BEGINNINGS if begins.match(content)), None)
