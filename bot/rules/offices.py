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
    """What a role is called (`short`: as one says in passing), sees, and whom it may bring in."""

    id: str
    name: str
    short: str
    sees: str
    invites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is, as documents call it; its holder has the rights of `role` in a region of `level`.

    `aliases` are other names that documents use, as of a department.
    """

    id: str
    code: str
    role: str
    name: str
    level: str
    usual: bool
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Others:
    """Offices of the documents that are no departments of the county.

    `posts` are those that a post stands for, by their ids; for those in `nobody`, groups or outsiders, nobody
    signs in; those `of_township` work in a township.
    """

    posts: Mapping[str, str]
    nobody: frozenset[str]
    of_township: frozenset[str]


NO_OTHERS: Final = Others({}, frozenset(), frozenset())


@dataclass(frozen=True)
class Offices:
    """All roles and posts; departments are posts of the role `department`."""

    roles: Mapping[str, RoleInfo]
    posts: Mapping[str, Post]
    others: Others = NO_OTHERS

    @cached_property
    def usual(self) -> Mapping[str, str]:
        """The post that somebody of a role holds unless another is named."""
        return {post.role: post.id for post in self.posts.values() if post.usual}

    @cached_property
    def departments(self) -> tuple[Post, ...]:
        """The posts that are departments."""
        return tuple(post for post in self.posts.values() if post.role == OF_DEPARTMENTS)

    def with_departments(self, departments: Iterable[Department]) -> Offices:
        """These offices and the departments of the county, each once; what a post stands for is that post."""
        added: dict[str, Post] = {}
        for each in departments:
            if each.id in self.others.posts or each.id in self.others.nobody or each.id in self.posts:
                continue
            before = added[each.id].aliases if each.id in added else ()
            names = tuple(dict.fromkeys((*before, *each.aliases)))
            level = "town" if each.id in self.others.of_township else "county"
            code = f"r.dept.{each.id}"
            added[each.id] = Post(each.id, code, OF_DEPARTMENTS, each.name, level, False, names)
        return Offices(self.roles, {**self.posts, **added}, self.others)

    def stands_for(self, department: str) -> Post | None:
        """The post whose holders act for an office of the documents; None when nobody signs in for it."""
        return self.posts.get(self.others.posts.get(department, department))

    def holders(self, named: Iterable[str]) -> frozenset[str]:
        """The posts that are meant by ids of posts and of roles (all posts of the role)."""
        wanted = set(named)
        return frozenset(id for id, post in self.posts.items() if id in wanted or post.role in wanted)

    def called(self, name: str) -> Post | None:
        """The post of that id, name or other name; names come before other names."""
        every = self.posts.values()
        named = (post for post in every if name in (post.id, post.name))
        return next(named, None) or next((post for post in every if name in post.aliases), None)

    def meant(self, word: str) -> Post | None:
        """The post that a word means: one called so, or the usual post of the role called so."""
        role = next((role for role in self.roles.values() if word in (role.id, role.name, role.short)), None)
        if role is not None and role.id in self.usual:
            return self.posts[self.usual[role.id]]
        return self.called(word)

    def title(self, post: str, role: str) -> str:
        """What somebody who holds the post is called; of a post that is no more, what the role is called."""
        held = self.posts.get(post)
        return self.roles[role].name if held is None else held.name

    def invited_by(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The roles that somebody of these roles may bring in and look after, in the order of the file."""
        may = {invited for role in roles for invited in self.roles[role].invites}
        return tuple(role for role in self.roles if role in may)


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
    named: dict[str, str] = {}
    posts = {entry.id: _post(entry, roles, named) for entry in source.entries("post")}
    for role in roles:
        usual = [post.id for post in posts.values() if post.role == role and post.usual]
        if role != OF_DEPARTMENTS and role in ROLES and len(usual) != 1:
            problems.add(file, f"role {role}", "needs one usual post", "usual = true at one of its posts")
    return Offices(roles, posts, _others(source.single("departments"), posts)), problems.found


def _others(entry: Entry, posts: Mapping[str, Post]) -> Others:
    named = entry.table("posts")
    for id in named.values():
        if id not in posts:
            entry.unknown(f"there is no post {id}", str(id), posts)
    others = Others(named, frozenset(entry.texts("nobody")), frozenset(entry.texts("of_township")))
    entry.done()
    return others


def _role(entry: Entry) -> RoleInfo:
    name = entry.text("name")
    role = RoleInfo(
        entry.id, name, entry.text("short", name), entry.one_of("sees", SEES), entry.texts("invites")
    )
    for invited in role.invites:
        if invited not in ROLES:
            entry.note(f"invites {invited}, which is no role", near_miss(invited, ROLES))
    entry.done()
    return role


def _post(entry: Entry, roles: Mapping[str, RoleInfo], named: dict[str, str]) -> Post:
    """One post; `named` has the posts before it by their names."""
    post = Post(
        entry.id,
        entry.text("code", ""),
        entry.one_of("role", roles),
        entry.text("name"),
        entry.one_of("level", LEVELS),
        entry.yes("usual"),
        entry.texts("aliases"),
    )
    for name in (post.name, *post.aliases):
        if named.setdefault(name, post.id) != post.id:
            entry.note(f"{name} is the name of {named[name]} too", "a name means one post only")
    entry.done()
    return post
