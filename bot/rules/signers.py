"""Who signs a plan paper: the parties, whether somebody else may sign, who keeps a copy (WF-17)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.rules.entries import Entry, Source

FIRST, LAST, GIVEN = "first_sign", "last_sign", "distribute"
"""The steps of such a procedure: somebody has signed, everybody has, everybody has got their copy."""
PROXY: Final = ("forbidden", "noted")
"""Nobody may sign for somebody else; somebody may for the household, and it is noted who and why."""


@dataclass(frozen=True, slots=True)
class Party:
    """One of those who sign: whoever holds one of the `posts`, or the household itself.

    `in_care` asks for the cadre in charge of the household. For a household the posts are those with whom it
    signs, on their device. `line` is what stands before the signature on the paper; `boxes` says by post
    which box there is ticked by a signature.
    """

    id: str
    name: str
    posts: tuple[str, ...]
    in_care: bool
    household: bool
    line: str
    boxes: Mapping[str, str]
    clause: str


@dataclass(frozen=True)
class Signers:
    """Everybody who signs the paper of the questionnaire `form`, and the keepers of its copies by id."""

    form: str
    proxy: str
    adult: int
    """From this age on a member may sign for the household."""
    link_minutes: int
    """So long a page on which a name is drawn can be used."""
    parties: tuple[Party, ...]
    copies: Mapping[str, str]

    @cached_property
    def by_id(self) -> Mapping[str, Party]:
        """The parties by id."""
        return {party.id: party for party in self.parties}

    def missing(self, signed: Collection[str]) -> tuple[Party, ...]:
        """The parties that have not signed, by the ids of those that have."""
        return tuple(party for party in self.parties if party.id not in signed)


def read_signers(source: Source, posts: Collection[str], forms: Collection[str]) -> Signers | None:
    """The signers of a procedure's paper; None where it has none. What is wrong is noted."""
    if "signing" not in source.data:
        return None
    entry = source.single("signing")
    form, proxy = entry.text("form"), entry.one_of("proxy", PROXY)
    adult, minutes = entry.whole("adult"), entry.whole("link_minutes")
    entry.text("clause")
    if form not in forms:
        entry.unknown(f"there is no questionnaire {form}", form, forms)
    parties = tuple(_party(each, posts) for each in source.entries("party"))
    copies = {each.id: _keeper(each) for each in source.entries("copy")}
    if len(parties) < 2:
        entry.note("fewer than two parties sign", '[[party]] id = "household" …')
    if sum(party.household for party in parties) > 1:
        entry.note("the household signs once", "household = true at one party only")
    steps = {str(each.get("id", "")) for each in source.data.get("step", ()) if isinstance(each, Mapping)}
    for step in (FIRST, LAST, *((GIVEN,) if copies else ())):
        if step not in steps:
            entry.note(f"there is no step {step}", "signing takes it")
    entry.done()
    return Signers(form, proxy, adult, minutes, parties, copies)


def _party(entry: Entry, posts: Collection[str]) -> Party:
    party = Party(
        entry.id,
        entry.text("name"),
        entry.texts("posts"),
        entry.yes("in_care"),
        entry.yes("household"),
        entry.text("line"),
        entry.table("boxes"),
        entry.text("clause", ""),
    )
    for post in party.posts:
        if post not in posts:
            entry.unknown(f"there is no post {post}", post, posts)
    for post in party.boxes:
        if post not in party.posts:
            entry.unknown(f"{post} does not sign here", post, party.posts)
    if not party.posts:
        entry.note("nobody can sign", 'posts = ["village_secretary"]')
    entry.done()
    return party


def _keeper(entry: Entry) -> str:
    name = entry.text("name")
    entry.done()
    return name
