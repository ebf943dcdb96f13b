"""Roles and posts: every role of the catalogue that acts, and departments by every name of theirs."""

from __future__ import annotations

import copy

import pytest

from bot.rules.consequences import Department
from bot.rules.offices import OF_DEPARTMENTS, ROLES, Offices, read_offices
from bot.rules.pack import Pack
from tests.rules.conftest import read_toml
from tests.shipped import shipped

CATALOGUE = frozenset(
    {
        *("r.group", "r.vcadre", "r.vspec", "r.vsec", "r.vhead", "r.first", "r.teamlead", "r.team"),
        *("r.helper", "r.monitor", "r.tcadre", "r.tpao", "r.tlead", "r.tparty", "r.survey", "r.unit"),
        *("r.baounit", "r.cpao", "r.clead", "r.ccmd", "r.cbao", "r.duzhan", "r.dc", "r.disc", "r.agent"),
    }
)
"""workflow.md 1, without the household, the province, voluntary supervisors, banks, and departments."""


def bare() -> Offices:
    """What offices.toml says, without departments."""
    offices, problems = read_offices(read_toml("rules", "offices.toml"), "offices.toml")
    assert problems == []
    return offices


def departments() -> list[Department]:
    packs: list[Pack] = list(shipped().packs.values())
    return [each for pack in packs for each in pack.departments]


def test_every_role_of_the_catalogue_that_acts_has_a_post() -> None:
    assert {post.code for post in bare().posts.values()} - {""} == CATALOGUE


def test_every_role_has_one_usual_post_and_its_rights_are_its_own() -> None:
    offices = bare()
    assert tuple(offices.roles) == ROLES
    assert set(offices.usual) == set(ROLES) - {OF_DEPARTMENTS}
    assert all(offices.posts[post].role == role for role, post in offices.usual.items())


def test_nobody_invites_their_own_role_or_one_that_may_invite_them() -> None:
    roles = shipped().offices.roles
    pairs = {(role.id, below) for role in roles.values() for below in role.invites}
    assert [pair for pair in pairs if (pair[1], pair[0]) in pairs] == []
    assert all(above != below for above, below in pairs)
    assert {above for above, _ in pairs} == {"admin", "county", "township", "village"}


def test_the_departments_are_those_of_the_countys_schemes() -> None:
    content = shipped()
    named = {each.id for id in content.county.schemes for each in content.packs[id].departments}
    others = content.offices.others
    assert {post.id for post in content.offices.departments} == named - set(others.posts) - others.nobody
    assert {"education", "health", "housing", "water"} <= {post.id for post in content.offices.departments}
    assert all(post.code == f"r.dept.{post.id}" for post in content.offices.departments)


def test_a_department_never_takes_the_place_of_a_post() -> None:
    """Some offices of the documents are posts: somebody of them has the rights of that post and no others."""
    offices, before = bare().with_departments(departments()), bare()
    assert {id: offices.posts[id] for id in before.posts} == dict(before.posts)
    for department, post in offices.others.posts.items():
        assert offices.stands_for(department) == before.posts[post]
    for nobody in offices.others.nobody:
        assert offices.stands_for(nobody) is None
    clash = Department("helper", "x", ())
    assert before.with_departments([clash]).posts["helper"].role == "cadre"


def test_what_is_said_of_departments_is_said_of_some_that_exist() -> None:
    known, others = {each.id for each in departments()}, bare().others
    assert {*others.posts, *others.nobody, *others.of_township} - known == set()


def test_a_post_is_meant_by_each_of_its_names_and_none_means_two() -> None:
    offices = bare().with_departments(departments())
    named: dict[str, str] = {}
    for post in offices.posts.values():
        for name in {post.id, post.name, *post.aliases}:
            assert named.setdefault(name, post.id) == post.id, name
            assert offices.called(name) == post
    assert offices.called("村长") is None


@pytest.mark.parametrize(
    ("word", "post"),
    [("干部", "helper"), ("帮扶干部", "helper"), ("村级", "village_cadre"), ("教育局", "education")],
)
def test_a_word_means_a_post_or_the_usual_post_of_a_role(word: str, post: str) -> None:
    meant = shipped().offices.meant(word)
    assert meant is not None
    assert meant.id == post


def test_departments_as_a_role_mean_nobody_in_particular() -> None:
    assert shipped().offices.meant(shipped().offices.roles[OF_DEPARTMENTS].name) is None


def test_the_county_names_its_departments_itself() -> None:
    own = [
        Department("education", "教育体育局", ("教体局",)),
        Department("education", "教育体育局", ("教育局",)),
    ]
    post = bare().with_departments(own).posts["education"]
    assert (post.name, post.aliases) == ("教育体育局", ("教体局", "教育局"))


def test_holders_are_meant_by_role_and_by_post() -> None:
    offices = shipped().offices
    assert offices.holders(["village_secretary"]) == {"village_secretary"}
    assert offices.holders(["cadre", "county_office"]) == {"helper", "monitor", "county_office"}
    assert "education" in offices.holders([OF_DEPARTMENTS])


def test_a_title_is_that_of_the_post_and_without_one_that_of_the_role() -> None:
    offices = shipped().offices
    assert offices.title("first_secretary", "village") == offices.posts["first_secretary"].name
    assert offices.title("", "village") == offices.roles["village"].name


def test_every_defect_is_noted() -> None:
    data = copy.deepcopy(read_toml("rules", "offices.toml"))
    data["role"][0]["invites"] = ["nobody"]
    data["post"][0]["usual"] = False
    data["post"][1]["name"] = data["post"][2]["name"]
    _, problems = read_offices(data, "offices.toml")
    assert len(problems) == 3
