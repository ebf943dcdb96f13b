"""Parquet files of any size, some ten thousand rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from bot.services.batch_chunks import Chunk, Job, Wanted
from bot.services.tables import FileUnreadable

ROWS: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """An open Parquet file."""

    name: str
    file: Any
    header: tuple[str, ...]
    total: int | None

    def jobs(self) -> Iterator[Job]:
        """Its record batches; FileUnreadable when it is damaged."""
        try:
            for batch in self.file.iter_batches(batch_size=ROWS):
                yield Job(batch)
        except (pa.ArrowException, OSError) as error:
            raise FileUnreadable(file=self.name, why=f"it is damaged ({_told(error)})") from error

    def chunk(self, job: Job, wanted: Wanted) -> Chunk:
        """A record batch as a table whose columns are named by their places."""
        names = [str(place) for place in range(len(self.header))]
        table = pa.table(job.content.columns, names)
        return Chunk(table, table.num_rows)

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def open_parquet(path: Path, facts: Collection[str]) -> ParquetFile:
    """Read what the file holds; FileUnreadable when it is no Parquet file."""
    try:
        with pq.ParquetFile(path) as looked:
            fields = list(looked.schema_arrow)
        # Codes and labels repeat: kept as a dictionary, each text is read once.
        texts = [each.name for each in fields if each.name in facts and pa.types.is_string(each.type)]
        file = pq.ParquetFile(path, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.strerror:
            raise FileUnreadable(file=path.name, why=error.strerror) from error
        raise FileUnreadable(file=path.name, why=f"it is no Parquet file ({_told(error)})") from error
    if not fields:
        raise FileUnreadable(file=path.name, why="it has no columns")
    return ParquetFile(path.name, file, tuple(each.name for each in fields), file.metadata.num_rows)


def _told(error: Exception) -> str:
    return str(error).partition("\n")[0].partition(". ")[0][:120]
