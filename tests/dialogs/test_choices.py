"""Which options a reply names: by code, label, part, initials, yes and no; and never the opposite."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.choices import Option, match_option, match_options, means_unknown
from bot.dialogs.rejection import Rejected
from bot.dialogs.vocabulary import Vocabulary

WORDS = Vocabulary.from_dict(
    tomllib.loads(
        (Path(__file__).parents[2] / "bot" / "dialogs" / "vocabulary.toml").read_text(encoding="utf-8"),
    )
)


def options(*pairs: tuple[str, str], first: int = 1) -> tuple[Option, ...]:
    return tuple(Option(code, label, initials) for code, (label, initials) in enumerate(pairs, first))


YES_NO = options(("是", "s"), ("否", "f"))
HOUSE = options(("安全（A级或B级）", "aqajhbj"), ("不安全（C级或D级）", "baqcjhdj"), ("未鉴定过", "wjdg"))
SHORTAGE = options(("不缺", "bq"), ("缺水36天以上", "qs36tys"))
WATER = options(("自来水", "zls"), ("井水", "js"), ("山泉水", "sqs"), ("其他", "qt"))
CHANGE = options(("明显改善", "mxgs"), ("有所改善", "ysgs"), ("没有改善", "mygs"), ("变差", "bc"))
RENEWAL = options(("C级危房维修加固", "cjwfwxjg"), ("D级危房拆除重建", "djwfccjj"), ("否", "f"))
LABOUR = options(("普通劳动力", "ptldl"), ("无劳动力", "wldl"), ("丧失劳动力", "ssldl"))
POVERTY = options(("一般贫困户", "ybpkh"), ("低保贫困户", "dbpkh"), ("五保贫困户", "wbpkh"))
SAFETY = options(("安全", "aq"), ("不安全", "baq"), ("不确定/未鉴定", "bqdwjd"))
MOOD = options(("好", "h"), ("一般", "yb"), ("差", "c"))
INDUSTRY = options(
    ("种植业", "zzy"), ("养殖业", "yzy"), ("加工业", "jgy"), ("其他特色产业", "qttscy"),
    ("休闲农业或乡村旅游", "xxnyhxcly"), ("光伏", "gf"), ("其他产业", "qtcy"),
)  # fmt: skip
RISK = options(
    ("无", "w"), ("产业", "cy"), ("就业", "jy"), ("就医", "jy"), ("就学", "jx"), ("受灾", "sz"), first=0
)
CAUSES = options(
    ("因病", "yb"), ("因自然灾害", "yzrzh"), ("因学", "yx"), ("因残", "yc"), ("因产业失败", "ycysb"),
    ("因就业不稳", "yjybw"), ("因意外事故", "yywsg"), ("因疫情", "yyq"), ("缺劳动力", "qldl"),
    ("自身发展动力不足", "zsfzdlbz"), ("其他", "qt"),
)  # fmt: skip
AID = options(("参保补贴", "cbbt"), ("生活费和护理费", "shfhhlf"), ("服刑、参军等", "fxcjd"), ("其他", "qt"))


def one(text: str, among: tuple[Option, ...]) -> int | str:
    found = match_option(text, among, WORDS)
    return found.reason if isinstance(found, Rejected) else found


def several(text: str, among: tuple[Option, ...], **limits: int) -> list[int] | str:
    found = match_options(text, among, WORDS, **limits)
    return found.reason if isinstance(found, Rejected) else found


@pytest.mark.parametrize(
    ("text", "among", "code"),
    [
        ("1", YES_NO, 1), ("２", YES_NO, 2), ("①", YES_NO, 1), ("⑵", YES_NO, 2), ("1.", YES_NO, 1),
        ("1、", YES_NO, 1), ("(1)", YES_NO, 1), ("1 是", YES_NO, 1), ("1.是", YES_NO, 1),
        ("2否", YES_NO, 2), ("第1个", YES_NO, 1), ("选2", YES_NO, 2), ("二", YES_NO, 2), ("01", YES_NO, 1),
        ("11", CAUSES, 11), ("⑪", CAUSES, 11), ("11 其他", CAUSES, 11), ("0", RISK, 0),
        ("3 山泉", WATER, 3),
    ],
)  # fmt: skip
def test_a_code_is_taken_in_any_dress(text: str, among: tuple[Option, ...], code: int) -> None:
    assert one(text, among) == code


@pytest.mark.parametrize("text", ["0", "3", "12", "99999999999999999999", "-1", "1.5", "1-2", "０"])
def test_only_the_codes_of_the_list_are_taken(text: str) -> None:
    assert isinstance(one(text, YES_NO), str)


def test_a_rejected_reply_shows_the_options() -> None:
    found = match_option("0", YES_NO, WORDS)
    assert found == Rejected("not_an_option", {"options": [[1, "是"], [2, "否"]], "said": "0"})


def test_a_code_that_contradicts_its_label_is_ambiguous() -> None:
    found = match_option("1 否", YES_NO, WORDS)
    assert found == Rejected("ambiguous", {"candidates": [[1, "是"], [2, "否"]]})
    assert one("1 没有", YES_NO) == "ambiguous"
    assert one("1 2", WATER) == "ambiguous"
    assert one("2.自来水", WATER) == "ambiguous"


@pytest.mark.parametrize(
    "text", ["是", "是的", "对", "对的", "有", "嗯", "好", "y", "Y", "ｙ", "yes", "s", "是吧", "有啊", "嗯嗯"]
)
def test_yes_is_said_in_many_words(text: str) -> None:
    assert one(text, YES_NO) == 1


@pytest.mark.parametrize(
    "text", ["否", "不是", "不", "没", "没有", "n", "N", "f", "不是的", "没有啊", "无", "不对"]
)
def test_no_is_said_in_many_words(text: str) -> None:
    assert one(text, YES_NO) == 2


@pytest.mark.parametrize(
    "text",
    ["是不是", "是否", "有没有", "不一定", "不是没有", "也许", "是又不是", "好像不是", "不知道", "没问题吗"],
)
def test_what_is_neither_yes_nor_no_is_not_guessed(text: str) -> None:
    assert one(text, YES_NO) == "not_an_option"


def test_yes_and_no_are_taken_only_where_a_label_says_so() -> None:
    assert one("没有", RENEWAL) == 3
    assert one("是", RENEWAL) == "not_an_option"
    assert one("有", CHANGE) == "not_an_option"
    assert one("没有", LABOUR) == "not_an_option"
    assert one("好", MOOD) == 1
    assert one("对", MOOD) == "not_an_option"
    assert one("不", MOOD) == "not_an_option"


@pytest.mark.parametrize(
    ("text", "among", "code"),
    [
        ("自来水", WATER, 1), ("泉", WATER, 3), ("井", WATER, 2), ("我家是自来水", WATER, 1),
        ("喝井水的", WATER, 2), ("ＺＬＳ", WATER, 1), ("zls", WATER, 1), ("JS", WATER, 2),
        ("安全", HOUSE, 1), ("安全（A级或B级）", HOUSE, 1), ("安全(A级或B级)", HOUSE, 1), ("B级", HOUSE, 1),
        ("c", HOUSE, 2), ("未鉴定", HOUSE, 3), ("aq", HOUSE, 1), ("baq", HOUSE, 2), ("d级", RENEWAL, 2),
        ("一般", POVERTY, 1), ("五保", POVERTY, 3), ("明显", CHANGE, 1), ("旅游", INDUSTRY, 5),
        ("休闲农业", INDUSTRY, 5), ("就业", CAUSES, 6),
    ],
)  # fmt: skip
def test_a_label_is_taken_whole_in_part_or_by_initials(
    text: str, among: tuple[Option, ...], code: int
) -> None:
    assert one(text, among) == code


@pytest.mark.parametrize(
    ("text", "among", "expected"),
    [
        ("不安全", HOUSE, 2), ("不安全", SAFETY, 2), ("安全", SAFETY, 1),
        ("不是安全的", HOUSE, "not_an_option"), ("没安全", HOUSE, "not_an_option"),
        ("鉴定过", HOUSE, "not_an_option"), ("不缺", SHORTAGE, 1), ("缺水", SHORTAGE, 2),
        ("缺", SHORTAGE, "not_an_option"), ("不是自来水", WATER, "not_an_option"),
        ("自来水断了", WATER, "not_an_option"), ("没有改善", CHANGE, 3), ("改善", CHANGE, "ambiguous"),
        ("没改善", CHANGE, "not_an_option"), ("劳动力", LABOUR, 1), ("无劳动力", LABOUR, 2),
        ("没有劳动力", LABOUR, "not_an_option"), ("36", SHORTAGE, "not_an_option"),
    ],
)  # fmt: skip
def test_a_negation_is_never_read_as_its_opposite(
    text: str, among: tuple[Option, ...], expected: int | str
) -> None:
    assert one(text, among) == expected


def test_what_fits_several_options_names_them() -> None:
    found = match_option("其他", INDUSTRY, WORDS)
    assert found == Rejected("ambiguous", {"candidates": [[4, "其他特色产业"], [7, "其他产业"]]})
    assert one("jy", RISK) == "ambiguous"
    assert one("水", WATER) == "ambiguous"


def test_an_empty_or_endless_reply_is_rejected() -> None:
    assert one(" ", YES_NO) == "empty"
    assert one("是" * 400, YES_NO) == "too_long"
    assert several("", INDUSTRY) == "empty"
    assert several("1" * 400, INDUSTRY) == "too_long"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1", [1]), ("1 3 5", [1, 3, 5]), ("1,3、5", [1, 3, 5]), ("1，3；5", [1, 3, 5]), ("135", [1, 3, 5]),
        ("５３１", [1, 3, 5]), ("①③⑤", [1, 3, 5]), ("1.3.5", [1, 3, 5]), ("1-3", [1, 2, 3]),
        ("1到3", [1, 2, 3]), ("1 至 3 6", [1, 2, 3, 6]), ("1—3,5~7", [1, 2, 3, 5, 6, 7]), ("2，2，2", [2]),
        ("三和五", [3, 5]), ("种植业", [1]), ("种植、养殖", [1, 2]), ("种植业和光伏", [1, 6]),
        ("光伏以及种植业还有3", [1, 3, 6]), ("1 光伏", [1, 6]), ("zzy gf", [1, 6]),
        ("休闲农业或乡村旅游", [5]), ("旅游,6", [5, 6]), ("1.种植业 2.养殖业", [1, 2]),
        ("1、种植业；6、光伏", [1, 6]), ("其他产业、其他特色产业", [4, 7]), ("1\n3", [1, 3]),
    ],
)  # fmt: skip
def test_several_options_are_named_in_many_ways(text: str, codes: list[int]) -> None:
    assert several(text, INDUSTRY) == codes


def test_a_run_of_digits_is_one_code_where_codes_have_two_digits() -> None:
    assert several("11", CAUSES) == [11]
    assert several("1 11", CAUSES) == [1, 11]
    assert several("123", CAUSES) == "not_an_option"
    assert several("9-11", CAUSES) == [9, 10, 11]


def test_a_label_with_a_separator_inside_is_one_choice() -> None:
    assert several("生活费和护理费 4", AID) == [2, 4]
    assert several("服刑、参军等和其他", AID) == [3, 4]
    assert several("没有服刑、参军等", AID) == "not_an_option"
    found = match_options("没有服刑、参军等", AID, WORDS)
    assert isinstance(found, Rejected)
    assert found.params["said"] == "没有服刑、参军等"


@pytest.mark.parametrize(
    "text",
    [
        "8",
        "18",
        "1 9",
        "3-1",
        "1-9",
        "不是1",
        "没有种植和养殖",
        "种植和没有养殖",
        "1 没有",
        "除了1",
        "不知道",
        "1 还有那个",
    ],
)
def test_one_piece_that_names_nothing_rejects_the_reply(text: str) -> None:
    assert several(text, INDUSTRY) == "not_an_option"


def test_the_number_of_choices_is_bounded() -> None:
    assert several("1 2 3", INDUSTRY, maximum=3) == [1, 2, 3]
    found = match_options("1-4", INDUSTRY, WORDS, maximum=3)
    assert found == Rejected("too_many", {"maximum": 3, "chosen": 4})
    assert several("1 1 1 1", INDUSTRY, maximum=3) == [1]
    found = match_options("1", INDUSTRY, WORDS, minimum=2)
    assert found == Rejected("too_few", {"minimum": 2, "chosen": 1})


def test_none_of_them_stands_alone() -> None:
    assert several("0", RISK, none_code=0) == [0]
    assert several("没有", RISK, none_code=0) == [0]
    assert several("都没有", RISK, none_code=0, minimum=2) == [0]
    assert several("1 2", RISK, none_code=0) == [1, 2]
    found = match_options("0 1", RISK, WORDS, none_code=0)
    assert found == Rejected("excludes_others", {"label": "无", "code": 0})
    assert several("10", RISK, none_code=0) == "excludes_others"
    assert several("没有、产业", RISK, none_code=0) == "excludes_others"
    assert several("没有", INDUSTRY) == "not_an_option"


@pytest.mark.parametrize(
    "text",
    [
        "不清楚",
        "不知道",
        "不晓得",
        "说不清",
        "跳过",
        "bqc",
        "BZD",
        "ｂｚｄ",
        "不清楚啊",
        "不知道呢。",
        "我不知道",
    ],
)
def test_not_knowing_is_said_in_many_words(text: str) -> None:
    assert means_unknown(text, WORDS)
    assert means_unknown(text, WORDS, YES_NO)


@pytest.mark.parametrize("text", ["", "没有", "不是", "1", "清楚", "知道", "不清楚的有3户", "不"])
def test_what_is_an_answer_is_not_unknown(text: str) -> None:
    assert not means_unknown(text, WORDS)


def test_a_label_of_the_list_is_never_unknown() -> None:
    assert means_unknown("不确定", WORDS)
    assert not means_unknown("不确定", WORDS, SAFETY)
    assert not means_unknown("bqc", WORDS, options(("不全出", "bqc"), ("其他", "qt")))


LISTS = [
    YES_NO,
    HOUSE,
    SHORTAGE,
    WATER,
    CHANGE,
    RENEWAL,
    LABOUR,
    POVERTY,
    SAFETY,
    MOOD,
    INDUSTRY,
    RISK,
    CAUSES,
    AID,
]


@pytest.mark.parametrize("among", LISTS)
def test_every_option_is_named_by_its_code_and_by_its_label(among: tuple[Option, ...]) -> None:
    for option in among:
        for text in (
            str(option.code),
            option.label,
            f"{option.code} {option.label}",
            f"{option.code}.{option.label}",
        ):
            assert one(text, among) == option.code
        assert several(option.label, among) == [option.code]


@given(st.sampled_from(LISTS), st.data())
def test_any_set_of_codes_comes_back_sorted_and_once(among: tuple[Option, ...], data: st.DataObject) -> None:
    picked = data.draw(st.lists(st.sampled_from(among), min_size=1, max_size=6))
    expected = [option.code for option in among if option in picked]
    separator = data.draw(st.sampled_from([" ", ",", "、", "，", " , ", "\n"]))
    assert several(separator.join(str(option.code) for option in picked), among) == expected
    assert several(separator.join(option.label for option in picked), among) == expected


ALPHABET = "0123456789①②. 、,-~到和是不没有否无安全改善种植养殖业其他水sfzyn（）()一二三\ue000"


@given(st.one_of(st.text(alphabet=ALPHABET, max_size=12), st.text(max_size=60)), st.sampled_from(LISTS))
def test_no_reply_raises_and_every_answer_is_an_option(text: str, among: tuple[Option, ...]) -> None:
    codes = {option.code for option in among}
    found = match_option(text, among, WORDS)
    assert isinstance(found, Rejected) or found in codes
    chosen = match_options(text, among, WORDS, none_code=among[0].code)
    assert isinstance(chosen, Rejected) or (chosen and set(chosen) <= codes)
    assert means_unknown(text, WORDS, among) in (True, False)


@given(
    st.sampled_from(["不", "没", "没有", "不是", "未", "并不是", "没得"]), st.sampled_from(LISTS), st.data()
)
def test_a_label_with_a_negation_before_it_is_never_that_label(
    negation: str, among: tuple[Option, ...], data: st.DataObject
) -> None:
    option = data.draw(st.sampled_from(among))
    found = match_option(negation + option.label, among, WORDS)
    assert found != option.code or option.label in ("否", "无")
