"""Chats, what came in and waits to be handled, and what goes out and waits to be sent."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.storage.columns import Id, Moment, SealedJson, SealedText, metadata

chats = Table(
    "chats",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=True, index=True),
    Column("open_interview_id", Id, ForeignKey("interviews.id"), nullable=True),
    Column("view", SealedJson("chats.view"), nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("last_message_kind", Text, nullable=True),
)

lanes = Table("lanes", metadata, Column("lane", Text, primary_key=True))

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("lane", Text, ForeignKey("lanes.lane"), nullable=False),
    Column("payload", SealedJson("inbox.payload"), nullable=False),
    Column("state", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", SealedText("inbox.error"), nullable=True),
    UniqueConstraint("channel", "update_id"),
    sqlite_autoincrement=True,
)
_new = inbox.c.state == "new"
_dead = inbox.c.state == "dead"
_finished = inbox.c.state == "done"
Index("ix_inbox_new", inbox.c.id, sqlite_where=_new, postgresql_where=_new)
Index("ix_inbox_lane", inbox.c.lane, inbox.c.id, sqlite_where=_new, postgresql_where=_new)
Index("ix_inbox_dead", inbox.c.id, sqlite_where=_dead, postgresql_where=_dead)
Index("ix_inbox_done", inbox.c.received_at, sqlite_where=_finished, postgresql_where=_finished)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("slot", Text, nullable=True),
    Column("payload", SealedJson("outbox.payload"), nullable=False),
    Column("state", Text, nullable=False),
    Column("not_before", Moment, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("message_id", BigInteger, nullable=True),
    Column("error", Text, nullable=True),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment, nullable=True),
    sqlite_autoincrement=True,
)
_pending = outbox.c.state == "pending"
_shown = outbox.c.message_id.is_not(None)
Index(
    "ix_outbox_pending",
    outbox.c.channel,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=_pending,
    postgresql_where=_pending,
)
Index(
    "ix_outbox_chat_pending",
    outbox.c.channel,
    outbox.c.address,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=_pending,
    postgresql_where=_pending,
)
Index("ix_outbox_chat", outbox.c.channel, outbox.c.address, outbox.c.id)
Index(
    "ix_outbox_slot",
    outbox.c.channel,
    outbox.c.address,
    outbox.c.slot,
    outbox.c.id,
    sqlite_where=_shown,
    postgresql_where=_shown,
)

pauses = Table(
    "pauses",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)
