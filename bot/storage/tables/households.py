"""Households, who lives in them, and which cadre is responsible."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from bot.storage.columns import Id, Moment, SealedJson, SealedText, metadata

households = Table(
    "households",
    metadata,
    Column("id", Id, primary_key=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=False),
    Column("village_group", Text, nullable=False),
    Column("head_name", Text, nullable=False),
    Column("initials", Text, nullable=False),
    Column("head_id_number", SealedText("households.head_id_number"), nullable=True),
    Column("address", SealedText("households.address"), nullable=False),
    Column("population", Integer, nullable=True),
    Column("reg_status", Integer, nullable=True),
    Column("exit_year", Integer, nullable=True),
    Column("phone", SealedText("households.phone"), nullable=True),
    Column("file", SealedJson("households.file"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("id_number_index", Text, nullable=True, index=True),
    Column("erased_at", Moment, nullable=True),
    Column("code", Text, nullable=True, unique=True, index=True),
)
Index("ix_households_region_id_village_group", households.c.region_id, households.c.village_group)

members = Table(
    "members",
    metadata,
    Column("household_id", Id, ForeignKey("households.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("relation", Text, nullable=True),
    Column("birth_date", Date, nullable=True),
    Column("sex", Integer, nullable=True),
    Column("insured", Integer, nullable=True),
    Column("labor", Integer, nullable=True),
    Column("extra", SealedJson("members.extra"), nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=True),
)
Index(
    "uq_assignments_open",
    assignments.c.household_id,
    unique=True,
    sqlite_where=assignments.c.until.is_(None),
    postgresql_where=assignments.c.until.is_(None),
)
Index("ix_assignments_person_id", assignments.c.person_id, assignments.c.until)
