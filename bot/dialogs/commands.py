"""Words that steer the chat instead of answering the open question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.dialogs.numerals import parse_integer
from bot.dialogs.reply import Append, Back, Edit, Enter, Reply, Resume, Submit
from bot.dialogs.vocabulary import Vocabulary, plain
from bot.problems import Problem, near_miss, unknown_keys

IDS = (
    *("home", "help", "back", "edit", "submit", "sections", "append", "pause", "resume"),
    *("due", "alerts", "problems", "find", "summary", "full", "invite"),
    *(
        "reports",
        "ledgers",
        "monthly",
        "targets",
        "analyses",
        "cases",
        "signatures",
        "clues",
        "handover",
        "people",
        "roster",
        "tour",
        "unasked",
        "unplanned",
    ),
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command by id, with what stood after its word."""

    id: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Commands:
    """The words of every command: whole messages, and beginnings that take an argument."""

    whole: Mapping[str, str]
    openings: tuple[tuple[str, str], ...]

    def read(self, text: str) -> Command | None:
        """The command that `text` is, or None when it is an answer."""
        said = plain(text)
        if (id := self.whole.get(said)) is not None:
            return Command(id)
        for word, id in self.openings:
            rest = said.removeprefix(word)
            # A word of a command may also begin an ordinary answer: only a space or a number sets it apart.
            if rest != said and (rest[0].isspace() or (id != "home" and rest[0].isdigit())):
                return Command(id, text.strip()[len(word) :].strip())
        return None


def steering(command: Command, vocabulary: Vocabulary) -> Reply | None:
    """What a command does to an open interview; None for one that is about something else."""
    match command.id:
        case "back":
            return Back(_steps(command.argument, vocabulary))
        case "edit":
            return Edit(command.argument)
        case "submit":
            return Submit()
        case "sections":
            return Enter()
        case "append":
            return Append(command.argument)
        case "resume":
            return Resume()
    return None


def _steps(argument: str, vocabulary: Vocabulary) -> int:
    """How many steps back: a number, perhaps with a word after it; 1 when it is none."""
    for said in (argument, argument[:-1]):
        steps = parse_integer(said, vocabulary, unit=None)
        if isinstance(steps, int) and steps > 0:
            return steps
    return 1


def read_commands(data: Mapping[str, Any], file: str) -> tuple[Commands, list[Problem]]:
    """The commands in the tables of `commands.toml`."""
    whole: dict[str, str] = {}
    openings: list[tuple[str, str]] = []
    problems = unknown_keys(file, "(top level)", data, ("command",))
    tables = data.get("command", [])
    if not isinstance(tables, list) or any(not isinstance(table, Mapping) for table in tables):
        problems.append(Problem(file, "command", "command is no list of tables", "write [[command]]"))
        tables = []
    for table in tables:
        id = str(table.get("id") or "?")
        problems += unknown_keys(file, id, table, ("id", "words", "argument"))
        if id not in IDS:
            problems.append(Problem(file, id, f"there is no command {id}", near_miss(id, IDS)))
        for word in _words(table, file, id, problems):
            if word in whole:
                problems.append(
                    Problem(file, id, f"{word} already means {whole[word]}", "a word has one meaning")
                )
            whole[word] = id
            if table.get("argument"):
                openings.append((word, id))
    problems += [
        Problem(file, id, "the command has no words", "write a [[command]] table")
        for id in IDS
        if id not in whole.values()
    ]
    return Commands(whole, tuple(sorted(openings, key=lambda pair: -len(pair[0])))), problems


def _words(table: Mapping[str, Any], file: str, id: str, problems: list[Problem]) -> list[str]:
    words = table.get("words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        problems.append(Problem(file, id, "words must be a list of texts", 'words = ["/back", …]'))
        return []
    if not isinstance(table.get("argument", False), bool):
        problems.append(Problem(file, id, "argument must be true or false", "true when something follows"))
    return [plain(word) for word in words]


def swallowed(commands: Commands, words: Iterable[str], file: str, id: str) -> list[Problem]:
    """Answers of the place `id` in `file` that never arrive, because they are the words of a command."""
    return [
        Problem(
            file, id, f"the answer {word} is the command {command.id}", "take the word out of commands.toml"
        )
        for word in words
        if (command := commands.read(word)) is not None
    ]
