"""Signatures under plan papers: each rests on a version, and nothing changes once all have signed."""

from __future__ import annotations

import asyncio
import hashlib
import io
import struct
import zlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document

from bot.render.signed_paper import LineMissing, Mark, drawable, lines, signed
from bot.services import evidence as photos
from bot.services import plan_papers, signatures_alerts, signatures_pages, signatures_papers
from bot.services.evidence_files import EvidenceFolder
from bot.services.household_file import read_file
from bot.services.signatures_pages import Pages
from bot.storage import (
    assignments,
    audit,
    cases,
    evidence,
    households,
    inbox,
    people,
    regions,
    signature_shares,
)
from bot.storage import signatures as records
from bot.storage.cases import NewCase
from bot.storage.database import Database
from bot.storage.inbox import NewUpdate
from bot.storage.interviews import Interview
from bot.storage.people import Account
from bot.storage.signatures import Signature, Signing
from tests.databases import database, database_url, empty_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.case_storytelling import in_county
from tests.services.interviewer import begin
from tests.services.village import Village

WANG = 1
PAGE = "https://bot.example.org"


def png(width: int = 60, height: int = 20, shade: int = 0) -> bytes:
    """A small picture of one shade."""

    def part(of: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + of + data + struct.pack(">I", zlib.crc32(of + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes([shade]) * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
    )


@pytest.fixture
async def village(database: Database, tmp_path: Path) -> Village:  # noqa: F811
    """The sample village in a county of two-class plans, with the four who sign and a page to draw on."""
    loaded = in_county("gansu")
    village = await Village.open(database, content=loaded, folder=EvidenceFolder(tmp_path / "files"))
    office = replace(village.office, schemes=loaded.households_by, page=PAGE)
    village.office = village.worker.office = village.worker.desk.office = office
    village.worker.desk.interviewing.office = village.reminder.office = office
    village.worker.translate = {
        **village.worker.translate,
        signatures_pages.CHANNEL: signatures_pages.translate,
    }
    async with database.transaction() as conn:
        county = (await regions.children(conn, None))[0]
        places = {each.name: each for each in await regions.subtree(conn, county.id)}
        for address, name, post, place in (
            ("secretary", "何书记", "village_secretary", "松树村"),
            ("party", "宋书记", "township_secretary", "东山镇"),
        ):
            person = await people.add(conn, name=name)
            await people.bind(conn, Account("web", address, person.id))
            role = loaded.offices.posts[post].role
            await people.appoint(
                conn,
                person_id=person.id,
                role=role,  # type: ignore[arg-type]  # offices.toml names roles only
                post=post,
                region_id=places[place].id,
                since=village.now,
            )
    return village


async def laid(village: Village, late_on: date | None = None) -> Signing:
    """Wang's plan, laid before everybody as if its questionnaire had just been handed in."""
    begun: Interview = (await begin(village, "cadre", "王建新", "gs")).interview
    await village.say("cadre", "稍后再填")
    async with village.database.transaction() as conn:
        dossier = await read_file(conn, village.office, WANG, village.now)
        made = await plan_papers.make(conn, village.office, "gs", dossier, village.now)
        procedure = village.office.content.procedures["gs_plan"]
        new = NewCase(
            procedure.id,
            WANG,
            None,
            "complete",
            village.now,
            None,
            village.now,
            begun.id,
            data={"form": "gs"},
        )
        case = await cases.add(conn, new)
        digest = hashlib.sha256(made.content).hexdigest()
        id = await records.begin(
            conn,
            records.NewSigning(
                case, WANG, begun.id, "gs", made.version, digest, made.content, village.now, late_on
            ),
        )
        found = await records.get(conn, id)
    assert found is not None
    return found


async def given(village: Village, signing: Signing) -> dict[str, Signature]:
    async with village.database.reading() as conn:
        found = await records.valid(conn, [signing.id])
    return {each.party: each for each in found.get(signing.id, [])}


async def own_hand(village: Village, address: str) -> str:
    await village.say(address, "签字 王建新")
    await village.tap(address, "看首页")
    await village.tap(address, "我签字")
    return await village.tap(address, "确定签字")


async def drawing(village: Village) -> str:
    """Ask for the page on which Wang draws his name; its secret."""
    await village.say("cadre", "签字 王建新")
    await village.tap("cadre", "请农户签字")
    await village.tap("cadre", "王建新")
    said = await village.tap("cadre", "在手机上手写")
    address = next(line for line in said.splitlines() if line.startswith(PAGE))
    return address.removeprefix(PAGE + signatures_pages.PATH)


def pages(village: Village) -> Pages:
    return Pages(village.database, village.office, lambda: village.now, village.worker.wake)


async def send_photo(village: Village, photo: bytes) -> str:
    village.wait(seconds=1)
    await village.chat.send_photo("cadre", photo)
    await village.work()
    return await village.last("cadre")


async def test_a_signature_rests_on_the_bytes_of_its_version(village: Village) -> None:
    signing = await laid(village)
    await own_hand(village, "secretary")
    mark = (await given(village, signing))["village"]
    assert (mark.digest, mark.post, mark.how, mark.name) == (
        signing.digest,
        "village_secretary",
        "account",
        "何书记",
    )
    async with village.database.reading() as conn:
        kept, _ = await records.content(conn, signing.id)
        noted = [each for each in await audit.newest(conn, 50) if each.deed == "signed"]
    assert hashlib.sha256(kept).hexdigest() == signing.digest
    assert len(noted) == 1
    assert (noted[0].subject, noted[0].subject_id) == ("household", WANG)
    assert signing.digest in str(noted[0].what)


async def test_a_name_is_drawn_once_within_minutes_and_stands_on_the_paper(village: Village) -> None:
    signing = await laid(village)
    secret, picture = await drawing(village), png()
    page = await pages(village).page(secret)
    assert page is not None
    assert page.name == "王建新"
    assert await pages(village).page("somebody-elses-guess") is None
    assert await pages(village).take(secret, picture) == "taken"
    await village.work()
    assert "农户签好了：王建新" in await village.heard("cadre")
    assert await pages(village).page(secret) is None
    assert await pages(village).take(secret, png(shade=9)) == "gone"
    mark = (await given(village, signing))["household"]
    async with village.database.reading() as conn:
        assert mark.evidence_id is not None
        kept = (await evidence.get_many(conn, [mark.evidence_id]))[mark.evidence_id]
        printed = await signatures_papers.printed(conn, village.office, WANG, "gs")
    assert kept.sha256 == hashlib.sha256(picture).hexdigest()
    assert printed is not None
    assert not printed.frozen
    with_picture = Document(io.BytesIO(printed.content))
    assert picture in [part.blob for part in with_picture.part.package.iter_parts()]
    day = [
        row.cells[2].text
        for table in with_picture.tables
        for row in table.rows
        if row.cells[0].text == "农户"
    ]
    assert day == ["2026年4月10日"]


async def test_a_page_is_too_old_after_its_minutes(village: Village) -> None:
    await laid(village)
    secret = await drawing(village)
    village.wait(minutes=15)
    assert await pages(village).page(secret) is None
    assert await pages(village).take(secret, png()) == "gone"
    folder = village.office.folder
    assert folder is not None
    assert list(folder.path.iterdir()) == []


async def test_a_page_is_nobodys_once_the_household_is_in_other_hands(village: Village) -> None:
    await laid(village)
    secret = await drawing(village)
    async with village.database.transaction() as conn:
        other = await people.add(conn, name="新来的")
        await assignments.assign(conn, WANG, other.id, village.now)
    assert await pages(village).page(secret) is None
    assert await pages(village).take(secret, png()) == "gone"


@pytest.mark.parametrize(
    "sent",
    [b"", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", png() + bytes(1 << 19)],
    ids=["none", "head", "pdf", "large"],
)
async def test_what_is_no_picture_of_a_name_is_not_taken(village: Village, sent: bytes) -> None:
    await laid(village)
    secret = await drawing(village)
    assert await pages(village).take(secret, sent) == "no_picture"
    assert await pages(village).take(secret, png()) == "taken"


async def test_a_button_of_ones_own_invention_draws_no_name(village: Village) -> None:
    signing = await laid(village)
    await drawing(village)
    for data in (
        f"v:s{signing.id}:home:drawn:1",
        f"v:s{signing.id}:home:0:photo",
        f"v:s{signing.id}:home:77",
    ):
        await village.tap_data("cadre", 1, data)
    assert await given(village, signing) == {}
    await village.tap_data("secretary", 1, f"v:s{signing.id}:yes:township")
    assert "不归您签" in await village.last("secretary")
    await village.tap_data("secretary", 1, f"v:s{signing.id}:yes:village")
    assert "请先点“看首页”" in await village.last("secretary")
    await village.tap_data("secretary", 1, f"v:s{signing.id}:yes:household")
    assert await given(village, signing) == {}


async def test_who_signs_for_the_household_must_be_of_age(village: Village) -> None:
    await laid(village)
    async with village.database.reading() as conn:
        members = (await households.members_of(conn, [WANG]))[WANG]
    await village.say("cadre", "签字 王建新")
    said = await village.tap("cadre", "请农户签字")
    labels = [b.label for m in await village.screen("cadre") for row in m.buttons for b in row]
    today = village.office.today(village.now)
    for member in members:
        born = member.birth_date
        old = (
            born is not None
            and (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) >= 18
        )
        assert (member.name in labels) is (old or member.position == 1), member.position
        assert (member.name in said) is (born is None and member.position != 1) or member.name == "王建新"


async def test_nobody_signs_as_two_parties(village: Village) -> None:
    signing = await laid(village)
    async with village.database.transaction() as conn:
        me = (await people.behind(conn, "web", ["cadre"]))["cadre"]
        village_of = (await households.get_many(conn, [WANG]))[WANG].region_id
        await people.appoint(
            conn, person_id=me.id, role="village", post="team_leader", region_id=village_of, since=village.now
        )
    await village.say("cadre", "签字 王建新")
    await village.tap("cadre", "看首页")
    await village.tap("cadre", "我签字（监测员）")
    await village.tap("cadre", "确定签字")
    await village.tap_data("cadre", 1, f"v:s{signing.id}:yes:village")
    assert "不能顶两方签字" in await village.heard("cadre")
    assert set(await given(village, signing)) == {"monitor"}


async def test_when_all_have_signed_the_paper_is_frozen_byte_for_byte(village: Village) -> None:
    signing = await laid(village)
    secret = await drawing(village)
    await pages(village).take(secret, png())
    await village.work()
    for address in ("secretary", "cadre", "party"):
        await own_hand(village, address)
    async with village.database.reading() as conn:
        after = await records.get(conn, signing.id)
        case = await cases.get(conn, signing.case_id)
        first = await signatures_papers.printed(conn, village.office, WANG, "gs")
    assert after is not None
    assert case is not None
    assert first is not None
    assert (after.state, case.state, first.frozen) == ("signed", "signed", True)
    assert hashlib.sha256(first.content).hexdigest() == after.signed_digest
    async with village.database.transaction() as conn:
        await households.revise(conn, WANG, {"population": 9})
    await village.say("cadre", "全文 王建新")
    message = next(m for m in reversed(await village.screen("cadre")) if m.document is not None)
    assert message.document is not None
    sent = await village.chat.document("cadre", message.document.file_id)
    assert sent is not None
    assert sent[2] == first.content


async def test_two_who_may_sign_for_the_village_leave_one_signature(village: Village) -> None:
    signing = await laid(village)
    async with village.database.transaction() as conn:
        place = (await households.get_many(conn, [WANG]))[WANG].region_id
        person = await people.add(conn, name="方书记")
        await people.bind(conn, Account("web", "first", person.id))
        await people.appoint(
            conn,
            person_id=person.id,
            role="village",
            post="first_secretary",
            region_id=place,
            since=village.now,
        )
    for address in ("secretary", "first"):
        await village.say(address, "签字 王建新")
        await village.tap(address, "看首页")
        await village.tap(address, "我签字")
    asyncio_taps = [
        village.chat.tap(each, 1, f"v:s{signing.id}:yes:village") for each in ("secretary", "first")
    ]
    await asyncio.gather(*asyncio_taps)
    await village.work()
    assert list(await given(village, signing)) == ["village"]
    heard = await village.heard("secretary") + await village.heard("first")
    assert "已经签过了" in heard


async def photographed(village: Village, signing: Signing) -> Signature:
    """The household's signature by a photo that Telegram still has."""
    await village.say("cadre", "签字 王建新")
    await village.tap("cadre", "请农户签字")
    await village.tap("cadre", "王建新")
    await village.tap("cadre", "拍签字页")
    payload = {"address": "cadre", "photo": {"kind": "image", "value": "remote", "size": 9}}
    async with village.database.transaction() as conn:
        await inbox.store(conn, [NewUpdate("web", 77, "web:cadre", payload)], village.now)
    await village.work()
    return (await given(village, signing))["household"]


async def lose(village: Village, mark: Signature) -> None:
    """The photo of a signature cannot be fetched any more."""
    async with village.database.transaction() as conn:
        assert mark.evidence_id is not None
        photo = (await evidence.get_many(conn, [mark.evidence_id]))[mark.evidence_id]
        await photos.withdraw(conn, village.office, photo, "gone", village.now)


async def test_a_photo_that_cannot_be_fetched_is_no_signature(village: Village) -> None:
    signing = await laid(village)
    for address in ("secretary", "cadre", "party"):
        await own_hand(village, address)
    mark = await photographed(village, signing)
    await lose(village, mark)
    async with village.database.reading() as conn:
        after = await records.get(conn, signing.id)
        case = await cases.get(conn, signing.case_id)
    assert after is not None
    assert case is not None
    assert (after.state, after.signed_digest, case.state) == ("open", None, "signing")
    assert set(await given(village, signing)) == {"village", "monitor", "township"}
    await village.work()
    assert "不算签了，请重新签" in await village.heard("cadre")
    await village.say("cadre", "签字 王建新")
    assert "农户：还没签" in await village.last("cadre")


async def test_a_late_signature_is_warned_of_again_when_it_turns_out_to_be_none(village: Village) -> None:
    async def warned(after: int) -> int:
        at = village.now + timedelta(days=after)
        async with village.database.transaction() as conn:
            return await signatures_alerts.raise_late(conn, village.office, at)

    signing = await laid(village, village.office.today(village.now))
    assert [await warned(after) for after in (0, 1, 1, 2)] == [0, 1, 0, 0]
    for address in ("secretary", "cadre", "party"):
        await own_hand(village, address)
    mark = await photographed(village, signing)
    assert await warned(3) == 0
    await lose(village, mark)
    assert [await warned(after) for after in (4, 4, 5)] == [1, 0, 0]


async def test_what_is_no_photo_is_asked_for_again(village: Village) -> None:
    signing = await laid(village)
    await village.say("cadre", "签字 王建新")
    await village.tap("cadre", "请农户签字")
    await village.tap("cadre", "王建新")
    await village.tap("cadre", "拍签字页")
    assert "签好了" not in await send_photo(village, b"%PDF-1.7")
    assert await given(village, signing) == {}
    assert "农户签好了" in await send_photo(village, b"\xff\xd8\xff\xe0" + bytes(300))
    assert (await given(village, signing))["household"].how == "photo"


async def test_several_papers_are_signed_one_after_the_other(village: Village) -> None:
    await laid(village)
    async with village.database.transaction() as conn:
        other = (await households.named(conn, "钱四海"))[0].id
        dossier = await read_file(conn, village.office, other, village.now)
        made = await plan_papers.make(conn, village.office, "gs", dossier, village.now)
        first = (await records.of_household(conn, WANG, "gs"))[0]
        case = await cases.add(
            conn,
            NewCase("gs_plan", other, None, "complete", village.now, None, village.now, first.interview_id),
        )
        new = records.NewSigning(
            case, other, first.interview_id, "gs", 1, "0" * 64, made.content, village.now, None
        )
        await records.begin(conn, new)
    assert "等您签字的计划有 2 份" in await village.say("party", "签字")
    await village.tap("party", "王建新")
    await village.tap("party", "看首页")
    await village.tap("party", "我签字")
    await village.tap("party", "确定签字")
    said = await village.tap("party", "下一份")
    assert "钱四海" in said
    async with village.database.reading() as conn:
        assert await records.valid(conn, [new.case_id]) is not None
    assert "签好了" in await own_next(village)


async def own_next(village: Village) -> str:
    await village.tap("party", "我签字")
    return await village.tap("party", "确定签字")


async def test_every_party_has_its_line_on_the_paper(village: Village) -> None:
    async with village.database.transaction() as conn:
        dossier = await read_file(conn, village.office, WANG, village.now)
        for id in ("gs_plan", "gp_plan"):
            signers = village.office.content.procedures[id].signers
            assert signers is not None
            made = await plan_papers.make(conn, village.office, signers.form, dossier, village.now)
            assert {party.line for party in signers.parties} <= lines(made.content)


async def test_the_same_signatures_give_the_same_bytes(village: Village) -> None:
    signing = await laid(village)
    async with village.database.reading() as conn:
        paper, _ = await records.content(conn, signing.id)
    marks = [Mark("农户", "王建新", "2026年4月10日", png()), Mark("监测员", "周明", "2026年4月10日")]
    on = village.office.today(village.now)
    assert signed(paper, marks, on) == signed(paper, marks, on)
    assert signed(paper, [], on) == paper
    with pytest.raises(LineMissing):
        signed(paper, [Mark("县长", "某人", "2026年4月10日")], on)
    assert drawable(png())
    assert not drawable(b"\x89PNG\r\n\x1a\n")


async def test_whoever_of_three_signs_for_the_village_ticks_their_box(village: Village) -> None:
    signing = await laid(village)
    async with village.database.reading() as conn:
        paper, _ = await records.content(conn, signing.id)
    signers = village.office.content.procedures["gs_plan"].signers
    assert signers is not None
    party = signers.by_id["village"]
    for post in party.posts:
        mark = Mark(party.line, "陈桂香", "2026年4月10日", box=party.boxes[post])
        made = Document(io.BytesIO(signed(paper, [mark], village.office.today(village.now))))
        said = "\n".join(paragraph.text for paragraph in made.paragraphs)
        ticked = [each for each in party.posts if f"☑{party.boxes[each]}" in said]
        empty = [each for each in party.posts if f"□{party.boxes[each]}" in said]
        assert (ticked, len(empty)) == ([post], 2)


async def test_a_secret_is_kept_nowhere(village: Village) -> None:
    await laid(village)
    secret = await drawing(village)
    async with village.database.reading() as conn:
        link = await signature_shares.link(conn, 1)
    assert link is not None
    assert secret not in repr(link)
    assert link.digest == hashlib.sha256(secret.encode()).hexdigest()
