"""Regions, the people who work in them, what they were appointed to, and how they are reached."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from bot.storage.columns import Id, Moment, Path, metadata

regions = Table(
    "regions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("parent_id", Id, ForeignKey("regions.id"), nullable=True, index=True),
    Column("level", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Path, nullable=False, index=True),
    Column("code", Text, nullable=True, unique=True, index=True),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("status", Text, nullable=False),
)

appointments = Table(
    "appointments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=True),
)
Index("ix_appointments_person_id", appointments.c.person_id)
Index("ix_appointments_region_id_role", appointments.c.region_id, appointments.c.role)

accounts = Table(
    "accounts",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("invited_by", Id, ForeignKey("people.id"), nullable=True),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=True),
    Column("used_by", Id, ForeignKey("people.id"), nullable=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=True),
)
