"""Everything on record about one household, as a file for the household itself (PIPL, article 45)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.evidence_files import EvidenceFolder
from bot.services.office import Office
from bot.services.withheld import without_secrets
from bot.storage import audit, one_household
from bot.storage.audit import Entry

DEED: Final = "disclosed"
HIDDEN: Final = {
    "files": ("content",),
    "households": ("id_number_index",),
    "signings": ("content", "signed_content"),
}
"""Columns that are left out: the papers lie beside as files, the other is made from what is there."""


async def disclose(
    conn: AsyncConnection,
    office: Office,
    folder: EvidenceFolder | None,
    household_id: int,
    now: datetime,
) -> bytes:
    """A ZIP of a JSON file with every row, the papers and the photos; that it was made goes on record.

    Without what a scheme forbids to tell the household: see `withheld`.
    """
    rows = without_secrets(office, await one_household.records(conn, household_id))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        kept = {
            table: [{k: v for k, v in row.items() if k not in HIDDEN.get(table, ())} for row in each]
            for table, each in rows.items()
        }
        archive.writestr("readme.txt", office.say("privacy.disclosed", day=str(office.today(now))))
        archive.writestr("records.json", json.dumps(kept, ensure_ascii=False, indent=1, default=_plain))
        for number, (name, content) in enumerate(await one_household.papers(conn, household_id), 1):
            archive.writestr(f"papers/{number}-{name}", content)
        for name in await one_household.photos(conn, household_id):
            photo = folder.read(name) if folder is not None else None
            if photo is not None:
                archive.writestr(f"photos/{name}", photo)
    count = sum(map(len, rows.values()))
    entry = Entry(
        at=now,
        person_id=None,
        deed=DEED,
        subject="household",
        subject_id=household_id,
        what={"rows": count, "by": "command"},
    )
    await audit.append(conn, [entry])
    return target.getvalue()


def _plain(value: object) -> Any:
    """Days and moments as ISO text; bytes tell nobody anything."""
    return value.isoformat() if isinstance(value, date | datetime) else None
