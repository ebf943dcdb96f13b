"""The house itself: what may stand where, the settings, and how errors speak."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import settings
from bot.errors import HubangError, NotFound, SettingInvalid

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "bot").rglob("*.py"))
LONGEST_MODULE = 300  # lines
# Ideographs with their radicals and extensions, CJK punctuation, full-width forms.
CHINESE = re.compile(
    "[\u2e80-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=place(path))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def reads_the_environment(path: Path) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
        for node in ast.walk(tree(path))
    )


# ---------------------------------------------------------------- what may stand where


def test_no_module_holds_a_chinese_character() -> None:
    found = [
        f"{place(path)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CHINESE.search(line)
    ]
    assert found == []


def test_no_module_hides_a_chinese_character_behind_an_escape() -> None:
    found = [
        f"{place(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)
    ]
    assert found == []


def test_no_module_is_longer_than_one_can_read() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_module_is_named_for_what_it_does() -> None:
    meaningless = re.compile(r"_?(util|utils|common|helper|helpers|misc)")
    parts = {place(path): (*path.relative_to(ROOT).parts[:-1], path.stem) for path in MODULES}
    assert [name for name, words in parts.items() if any(map(meaningless.fullmatch, words))] == []


def test_only_the_telegram_modules_import_telegram() -> None:
    importers = [path for path in MODULES if any(name.split(".")[0] == "telegram" for name in imported(path))]
    strangers = [place(path) for path in importers if not place(path).startswith("bot/channels/telegram")]
    assert strangers == []


def test_only_the_settings_read_the_environment() -> None:
    assert [place(path) for path in MODULES if reads_the_environment(path)] == ["bot/settings.py"]


def test_every_dependency_has_its_exact_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+]*", line)] == []
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    named = {re.split(r"[\[<>=;~! ]", each)[0].lower() for each in wanted}
    assert named - pinned == set()


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml"])
def test_what_is_installed_comes_from_wherever_the_machine_installs_from(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


# ---------------------------------------------------------------- the settings


def test_without_any_setting_the_bot_runs_on_this_machine_only() -> None:
    chosen = settings.load({})
    assert chosen == settings.Settings()
    assert chosen.database_url == "sqlite+aiosqlite:///hubang.db"
    assert (chosen.web_host, chosen.web_port) == ("127.0.0.1", 8080)
    assert chosen.telegram_token is None
    assert chosen.timezone == ZoneInfo("Asia/Shanghai")
    assert chosen.county == "huarong"


def test_every_setting_can_be_set() -> None:
    given = {
        "DATABASE_URL": "postgresql+asyncpg://hubang:pa$$word@db/hubang",
        "TELEGRAM_TOKEN": "123456:ABC-def_9",
        "TELEGRAM_API_BASE": "http://127.0.0.1:8081/bot",
        "TELEGRAM_FILE_BASE": "http://127.0.0.1:8081/file/bot",
        "WEBHOOK_URL": "https://bot.example.org/hook",
        "WEBHOOK_SECRET": "a-secret_word",
        "WEBHOOK_PORT": "9443",
        "WEB_HOST": "0.0.0.0",
        "WEB_PORT": "80",
        "WEB_ADDRESS": "https://bot.example.org",
        "TIMEZONE": "Asia/Urumqi",
        "COUNTY": "yibin",
        "SAMPLE_VILLAGE": "no",
        "SAMPLE": "village",
        "FILES_DIR": "/srv/hubang/photos",
        "EVIDENCE_LIMIT_MB": "15",
        "HUBANG_KEYS": f"k2:{'A' * 43}=, k1:{'/' * 42}8=",
    }
    chosen = settings.load(given)
    assert set(given) == set(settings.names())
    assert chosen == settings.Settings(
        database_url=given["DATABASE_URL"],
        telegram_token=given["TELEGRAM_TOKEN"],
        telegram_api_base=given["TELEGRAM_API_BASE"],
        telegram_file_base=given["TELEGRAM_FILE_BASE"],
        webhook_url=given["WEBHOOK_URL"],
        webhook_secret=given["WEBHOOK_SECRET"],
        webhook_port=9443,
        web_host="0.0.0.0",
        web_port=80,
        web_address="https://bot.example.org",
        timezone=ZoneInfo("Asia/Urumqi"),
        county="yibin",
        sample_village=False,
        sample="village",
        files_dir="/srv/hubang/photos",
        evidence_limit_mb=15,
        hubang_keys=(("k2", bytes(32)), ("k1", b"\xff" * 32)),
    )


def test_an_empty_line_means_the_default() -> None:
    assert settings.load(dict.fromkeys(settings.names(), " ")) == settings.Settings()


def test_secrets_are_never_shown() -> None:
    hidden = settings.Settings(
        telegram_token="123456:hidden",
        webhook_secret="hidden",
        database_url="postgresql+asyncpg://u:hidden@h/d",
        hubang_keys=(("k", b"hidden"),),
    )
    assert "hidden" not in repr(hidden)


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("DATABASE_URL", "mysql://root@db/hubang", "postgresql+asyncpg://"),
        ("DATABASE_URL", "hubang.db", "sqlite+aiosqlite:///"),
        ("TELEGRAM_TOKEN", "ABC", "BotFather"),
        ("TELEGRAM_API_BASE", "api.telegram.org/bot", "https://"),
        ("TELEGRAM_FILE_BASE", "ftp://files.example.org", "https://"),
        ("WEBHOOK_URL", "http://bot.example.org/hook", "https://"),
        ("WEBHOOK_URL", "https://", "https://"),
        ("WEBHOOK_URL", "https://[bot.example.org", "https://"),
        ("WEBHOOK_SECRET", "a secret", "letters, digits"),
        ("WEBHOOK_PORT", "https", "1 to 65535"),
        ("HUBANG_KEYS", "secret", "key 1 of the list"),
        ("HUBANG_KEYS", f"k1:{'A' * 43}=,k2:{'A' * 40}", "key 2 of the list"),
        ("HUBANG_KEYS", f"k1:{'A' * 43}=,k1:{'A' * 43}=", 'two keys are named "k1"'),
        ("HUBANG_KEYS", f"K 1:{'A' * 43}=", "keys new"),
        ("WEBHOOK_PORT", "0", "1 to 65535"),
        ("WEB_PORT", "65536", "1 to 65535"),
        ("WEB_PORT", "８０８０", "1 to 65535"),
        ("TIMEZONE", "Huarong", "Asia/Shanghai"),
        ("TIMEZONE", "../etc", "Asia/Shanghai"),
        ("TIMEZONE", "Asia", "Asia/Shanghai"),
        ("EVIDENCE_LIMIT_MB", "0", "1 to 20"),
        ("EVIDENCE_LIMIT_MB", "10 MB", "1 to 20"),
        ("COUNTY", "Huarong", "huarong"),
        ("COUNTY", "../etc/passwd", ".toml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_fix(name: str, value: str, fix: str) -> None:
    with pytest.raises(SettingInvalid) as raised:
        settings.load({name: value})
    assert raised.value.facts["name"] == name
    assert str(raised.value).startswith(f"{name}=")
    assert fix in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "pa55word"),
        ("WEBHOOK_SECRET", "pa55word!"),
        ("DATABASE_URL", "mysql://u:pa55word@h/d"),
    ],
)
def test_a_secret_that_cannot_be_used_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid) as raised:
        settings.load({name: value})
    assert "pa55word" not in str(raised.value)


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="WEBHOOK_SECRET"):
        settings.load({"WEBHOOK_URL": "https://bot.example.org/hook"})


def test_a_webhook_on_this_machine_may_be_plain() -> None:
    chosen = settings.load({"WEBHOOK_URL": "http://127.0.0.1:9000/hook", "WEBHOOK_SECRET": "s"})
    assert chosen.webhook_url == "http://127.0.0.1:9000/hook"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.names():
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("WEB_PORT=8081\nWEBHOOK_PORT=8082\nWEB_HOST=a${HOME}b\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEB_PORT", "8090")
    chosen = settings.load()
    assert (chosen.web_port, chosen.webhook_port) == (8090, 8082)
    assert chosen.web_host == "a${HOME}b"


def test_the_example_file_holds_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)
    assert sorted(named) == sorted(settings.names())


def test_the_example_file_copied_as_it_is_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in settings.names():
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_bytes((ROOT / ".env.example").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert settings.load() == settings.Settings()


def test_the_example_file_names_the_true_defaults() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    default = settings.Settings()
    for value in (
        default.database_url,
        default.telegram_api_base,
        default.telegram_file_base,
        default.webhook_port,
        default.web_host,
        default.web_port,
        default.timezone,
        default.county,
    ):
        assert re.search(rf"Empty: .*{re.escape(str(value))}(\s|$)", text, re.MULTILINE), value


# ---------------------------------------------------------------- the errors


class BoatTooSmall(HubangError):
    """The boat {name} carries {seats} people,
    not {people}.

    What stands after the first paragraph is for programmers.
    """


def test_the_docstring_of_an_error_is_its_message() -> None:
    assert str(NotFound(what="form", name="jx")) == "No form named jx."
    assert str(BoatTooSmall(name="Li {x}", seats=4, people=6)) == "The boat Li {x} carries 4 people, not 6."


def test_an_error_keeps_what_it_was_given() -> None:
    assert NotFound(what="form", name="jx").facts == {"what": "form", "name": "jx"}


def test_an_error_that_lacks_a_fact_says_which() -> None:
    with pytest.raises(TypeError, match="NotFound needs 'name'"):
        NotFound(what="form")


@pytest.mark.parametrize("carry", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_survives_the_way_between_processes(carry) -> None:  # type: ignore[no-untyped-def]
    carried = carry(BoatTooSmall(name="Li", seats=4, people=6))
    assert isinstance(carried, BoatTooSmall)
    assert str(carried) == "The boat Li carries 4 people, not 6."
    assert carried.facts == {"name": "Li", "seats": 4, "people": 6}


def test_one_except_catches_every_error_of_the_product() -> None:
    assert issubclass(NotFound, HubangError)
    assert issubclass(SettingInvalid, HubangError)
