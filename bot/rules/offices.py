"""Roles, which say what somebody may see, and posts, which say what somebody may do (workflow.md 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from bot.problems import Problem, near_miss
from bot.rules.consequences import Department
from bot.rules.entries import Entry, Problems, Source

SEES: Final = ("assigned", "region", "referred", "unit", "counts", "nothing")
LEVELS: Final = ("county", "town", "village")
ROLES: Final = ("cadre", "village", "township", "county", "department", "unit", "inspector", "admin")
"""What `offices.toml` must name, no more and no less: what one may see is settled with the storage."""
OF_DEPARTMENTS: Final = "department"


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """What a role is called, sees, and whom it may bring in."""

    id: str
    name: str
    sees: str
    invites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is, as documents call it; its holder has the rights of `role` in a region of `level`."""

    id: str
    code: str
    role: str
    name: str
    level: str
    usual: bool


@dataclass(frozen=True)
class Offices:
    """All roles and posts; departments are posts of the role `department`."""

    roles: Mapping[str, RoleInfo]
    posts: Mapping[str, Post]

    @cached_property
    def usual(self) -> Mapping[str, str]:
        """The post that somebody of a role holds unless another is named."""
        return {post.role: post.id for post in self.posts.values() if post.usual}

    def with_departments(self, departments: Iterable[Department]) -> Offices:
        """These offices and the departments of the county."""
        added = {
            each.id: Post(each.id, f"r.dept.{each.id}", OF_DEPARTMENTS, each.name, "county", False)
            for each in departments
        }
        return Offices(self.roles, {**self.posts, **added})

    def holders(self, named: Iterable[str]) -> frozenset[str]:
        """The posts that are meant by ids of posts and of roles (all posts of the role)."""
        wanted = set(named)
        return frozenset(id for id, post in self.posts.items() if id in wanted or post.role in wanted)

    def called(self, name: str) -> Post | None:
        """The post of that id or name."""
        return next((post for post in self.posts.values() if name in (post.id, post.name)), None)


def read_offices(data: Mapping[str, Any], file: str) -> tuple[Offices, list[Problem]]:
    """The roles and posts of `offices.toml`, with every problem of theirs."""
    problems = Problems()
    source = Source(file, data, problems)
    entries = source.entries("role")
    roles = {entry.id: _role(entry) for entry in entries}
    for id in ROLES:
        if id not in roles:
            problems.add(file, f"role {id}", "is missing", "what it may see must be said")
    for entry in entries:
        if entry.id not in ROLES:
            entry.unknown("is no role of the product", entry.id, ROLES)
    posts = {entry.id: _post(entry, roles) for entry in source.entries("post")}
    for role in roles:
        usual = [post.id for post in posts.values() if post.role == role and post.usual]
        if role != OF_DEPARTMENTS and len(usual) != 1:
            problems.add(file, f"role {role}", "needs one usual post", "usual = true at one of its posts")
    return Offices(roles, posts), problems.found


def _role(entry: Entry) -> RoleInfo:
    role = RoleInfo(entry.id, entry.text("name"), entry.one_of("sees", SEES), entry.texts("invites"))
    for invited in role.invites:
        if invited not in ROLES:
            entry.note(f"invites {invited}, which is no role", near_miss(invited, ROLES))
    entry.done()
    return role


def _post(entry: Entry, roles: Mapping[str, RoleInfo]) -> Post:
    post = Post(
        entry.id,
        entry.text("code", ""),
        entry.one_of("role", roles),
        entry.text("name"),
        entry.one_of("level", LEVELS),
        entry.yes("usual"),
    )
    entry.done()
    return post
