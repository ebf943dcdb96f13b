"""Rehearsing a form in the terminal: one reply a line in, the conversation or JSON out."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import content
from bot.channels import console
from bot.channels.console import Household, rehearse
from bot.content import Content
from tests.dialogs.building import NOW, TODAY, Interview

Event = dict[str, Any]


@pytest.fixture(scope="module")
def loaded() -> Content:
    return content.load()


def script(answers: dict[str, str] | None = None, form: str = "jd") -> list[str]:
    """The lines that lead a form from the first question to its review, doubts accepted."""
    lines: list[str] = []
    interview = Interview(form)
    say = interview.say

    def noted(*texts: str) -> Any:
        lines.extend(texts)
        return say(*texts)

    interview.say = noted  # type: ignore[method-assign]
    interview.review(answers)
    return lines


def held(
    loaded: Content,
    lines: Iterable[str],
    *,
    form: str = "jd",
    as_json: bool = True,
    file: Event | None = None,
) -> tuple[int, str]:
    """Exit status and what was printed."""
    out = io.StringIO()
    status = rehearse(
        loaded,
        form,
        [f"{line}\n" for line in lines],
        out,
        as_json=as_json,
        today=date.fromisoformat(TODAY),
        now=datetime.fromisoformat(NOW),
        household=Household.from_json(file or {}, TODAY),
    )
    return status, out.getvalue()


def events(loaded: Content, lines: Iterable[str], **more: Any) -> list[Event]:
    return [json.loads(line) for line in held(loaded, lines, **more)[1].splitlines()]


def test_every_reply_is_followed_by_what_is_open(loaded: Content) -> None:
    first, second = events(loaded, ["插旗镇"])
    assert first["event"] == "ask"
    assert first == {
        "event": "ask", "item": "h1", "no": "", "fact": "town", "kind": "text", "text": "这户在哪个乡镇？",
        "options": [], "row": None, "who": None, "progress": [1, first["progress"][1]],
    }  # fmt: skip
    assert (second["item"], second["progress"]) == ("h2", [2, first["progress"][1]])


def test_options_rows_and_names_are_told(loaded: Content) -> None:
    lines = script({"4": "1", "4.n": "2", "child.name#1": "小明", "10": "1"})
    asked = [event for event in events(loaded, lines) if event["event"] == "ask"]
    school = next(event for event in asked if event["item"] == "4-1.a")
    assert school["options"] == [{"code": 1, "label": "是"}, {"code": 2, "label": "否"}]
    assert (school["row"], school["who"], school["no"]) == (1, "小明", "4-1")
    assert school["text"].startswith("小明")
    name = next(event for event in asked if event["item"] == "child.name" and event["row"] == 2)
    assert name["who"] is None
    assert name["text"].startswith("第2个孩子")


def test_the_whole_interview_ends_with_answers_and_facts(loaded: Content) -> None:
    status, out = held(loaded, [*script(), "提交"])
    assert status == 0
    *_, review, finished = [json.loads(line) for line in out.splitlines()]
    assert review == {
        "event": "review", "missing": [], "required": [], "blocked": [], "warned": [], "noted": [],
        "changed": [], "complete": True,
    }  # fmt: skip
    assert finished["event"] == "finished"
    assert finished["answers"]["8"] == 3
    assert finished["facts"]["house_renovation"] == 3
    assert finished["facts"]["town"] == "插旗镇"


def test_nothing_is_read_after_the_form_is_handed_in(loaded: Content) -> None:
    status, out = held(loaded, [*script(), "/submit", "还有", "/back"])
    assert status == 0
    assert json.loads(out.splitlines()[-1])["event"] == "finished"


def test_replies_that_end_in_the_middle_leave_status_1_and_a_note(
    loaded: Content, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = held(loaded, script()[:10])
    assert status == 1
    assert len(out.splitlines()) == 11
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "before jd was handed in" in printed.err


def test_a_rejected_reply_tells_why_and_what_is_accepted(loaded: Content) -> None:
    lines = [*script()[:5], "0", "", "三"]
    *_, zero, again, empty, once_more, following = events(loaded, lines)
    assert (zero["event"], zero["item"], zero["row"], zero["why"]) == ("rejected", "h6", None, "out_of_range")
    assert zero["bounds"]["low"] == 1
    assert again["item"] == once_more["item"] == "h6"
    assert empty["why"] == "empty"
    assert following["item"] == "x2"


def test_the_day_that_bounds_a_date_is_told(loaded: Content) -> None:
    whole = script()
    lines = [*whole[: whole.index(TODAY)], "2020-04-11"]
    rejected = events(loaded, lines)[-2]
    assert (rejected["item"], rejected["why"]) == ("s6", "in_future")
    assert rejected["bounds"]["high"] == TODAY


def test_warnings_and_blocks_are_told_apart_with_their_choices(loaded: Content) -> None:
    told = {"4": "1", "4.n": "1", "4-1.a": "1", "10": "2", "11": "2"}
    seen = events(loaded, script(told))
    blocked = next(event for event in seen if event["event"] == "blocked")
    warned = next(event for event in seen if event["event"] == "warned")
    assert (blocked["check"], blocked["items"]) == ("XC-1", ["4-1.a", "10"])
    assert [option.get("item") for option in blocked["options"]] == [None, "10", "4-1.a#1"]
    assert [option["code"] for option in blocked["options"]] == [1, 2, 3]
    assert warned["check"] == "XC-2"
    review = seen[-1]
    assert (review["blocked"], review["warned"], review["complete"]) == (["XC-1"], ["XC-2"], False)
    assert events(loaded, [*script(told), "/submit"])[-2]["why"] == "not_ready"


def test_what_is_left_out_put_away_and_brought_back_is_told(loaded: Content) -> None:
    lines = [*script({"8": "2"}), "/edit 8", "1", "改 8", "2"]
    seen = events(loaded, lines)
    assert {"event": "hidden", "items": ["8-1"]}.items() <= next(
        e for e in seen if e["event"] == "hidden"
    ).items()
    assert next(e for e in seen if e["event"] == "restored")["items"] == ["8-1"]
    skipped = next(e for e in seen if e["event"] == "skipped" and e["after"] == "4")
    assert skipped["to"] == "5"


def test_notes_are_told(loaded: Content) -> None:
    seen = events(loaded, script({"13": "1", "13-1.a": "2"}))
    assert next(event for event in seen if event["event"] == "noted")["check"] == "XC-12"


@pytest.mark.parametrize(
    ("word", "item"),
    [
        ("/back", "h4"), ("上一题", "h4"), ("/back 3", "h2"), ("上一题 3", "h2"), ("上一题3", "h2"),
        ("退回 三步", "h2"), ("/back 99", "h1"), ("/back x", "h4"), ("/edit h2", "h2"),
        ("改 户主姓名", "h4"), ("更正 h3", "h3"), ("继续", "h5"),
    ],
)  # fmt: skip
def test_commands_work_as_in_the_chat(loaded: Content, word: str, item: str) -> None:
    assert events(loaded, [*script()[:4], word])[-1]["item"] == item


def test_a_number_that_several_questions_carry_is_offered_for_choice(loaded: Content) -> None:
    choose, ask = events(loaded, [*script()[:30], "/edit 1"])[-2:]
    assert (choose["event"], choose["items"]) == ("choose", ["1.a", "1.b"])
    assert ask["event"] == "ask"


def test_words_of_the_chat_that_have_no_place_here_do_not_disturb(loaded: Content) -> None:
    help_, ask, due, again = events(loaded, ["帮助", "待办"])[1:]
    assert (help_["event"], help_["command"], due["command"]) == ("aside", "help", "due")
    assert ask == again
    assert ask["item"] == "h1"


def test_what_the_household_holds_is_kept_or_offered(loaded: Content) -> None:
    file = {
        "known": {"town": "插旗镇", "population": {"value": 4, "on": "2019-12-01"}},
        "facts": {"member": []},
    }
    first = events(loaded, [], file=file)[0]
    assert first["item"] == "h2"
    asked = events(loaded, script()[1:5], file=file)[-1]
    assert asked["known"] == {"value": 4, "on": "2019-12-01", "source": ""}


def test_the_conversation_is_printed_as_the_chat_shows_it(loaded: Content) -> None:
    status, out = held(loaded, [*script({"9": "2"}), "提交"], as_json=False)
    assert status == 0
    assert "【9】家里平常喝的是什么水？" in out
    assert "[2 井水]" in out
    assert "✓ 9 饮用水源状况：井水" in out
    assert "都齐了" in out
    assert "只是演练" in out


def test_garbage_by_the_thousand_lines_never_stops_it(loaded: Content) -> None:
    garbage = ["@@", "9" * 400, "\x00", "改", "/edit", "/back x", "/submit", "是的吧", "{who}"] * 120
    for as_json in (True, False):
        status, out = held(loaded, garbage, as_json=as_json)
        assert status == 1
        assert out


def test_each_turn_is_written_at_once(loaded: Content) -> None:
    written: list[int] = []

    class Watched(io.StringIO):
        def flush(self) -> None:
            written.append(len(self.getvalue()))

    def lines() -> Iterable[str]:
        for reply in script()[:5]:
            assert written[-1] == len(out.getvalue()), (
                "what was asked has been flushed before the reply is read"
            )
            yield reply

    out = Watched()
    on = date.fromisoformat(TODAY)
    rehearse(loaded, "jd", lines(), out, as_json=True, today=on, now=datetime.fromisoformat(NOW))
    assert len(written) == 6


def command(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    console.add_arguments(parser)
    return console.run(parser.parse_args(arguments))


def test_the_command_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    known = tmp_path / "household.json"
    known.write_text('{"known": {"visit_household": "毛家村三组张三", "visitor": "李四"}}', encoding="utf-8")
    lines = [*script(form="vc")[1:3], *script(form="vc")[4:], "/submit"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
    assert command(["vc", "--json", "--on", TODAY, "--household", str(known)]) == 0
    finished = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert finished["facts"]["visit_household"] == "毛家村三组张三"


def test_a_form_or_a_file_that_is_not_there_is_told_and_nothing_begins(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command(["jb"]) == 2
    assert "There is no questionnaire jb" in capsys.readouterr().err
    assert command(["jd", "--household", str(tmp_path / "none.json")]) == 2
    printed = capsys.readouterr()
    assert "cannot be read" in printed.err
    assert printed.out == ""
