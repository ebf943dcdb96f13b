"""Plan papers version by version with what each was made from, and what offices have ordered to be made."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from bot.storage.columns import Id, Json, Moment, SealedJson, metadata

paper_frames = Table(
    "paper_frames",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("sentences", Text, nullable=False),
    Column("frame", LargeBinary, nullable=False),
)

papers = Table(
    "papers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=False),
    Column("form", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("frame_digest", Text, ForeignKey("paper_frames.digest"), nullable=False),
    Column("snapshot", SealedJson("papers.snapshot"), nullable=False),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("household_id", "form", "version"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("wanted", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ordered_at", Moment, nullable=False),
    Column("file_id", Id, ForeignKey("files.id"), nullable=True),
)
_waiting = orders.c.state == "waiting"
Index("ix_orders_waiting", orders.c.id, sqlite_where=_waiting, postgresql_where=_waiting)
Index("ix_orders_person_id", orders.c.person_id)
