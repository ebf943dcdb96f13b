"""JavaRosa, the engine of ODK Collect, out of the validator that pyxform brings: a second opinion."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from types import TracebackType

from pyxform.validators.odk_validate import ODK_VALIDATE_PATH

PROGRAM = Path(__file__).with_name("Walk.java")
NOON = 12


def required_java() -> str:
    """Path of the java program; the tests of exported forms mean nothing without it."""
    java = shutil.which("java")
    assert java is not None, (
        "java is missing: exported forms are judged by JavaRosa and ODK Validate. Install a Java development "
        "kit, such as the Debian package default-jdk-headless."
    )
    return java


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of one form: the questions in order, each with the outcome of every answer; the end."""

    asked: tuple[tuple[str, tuple[str, ...]], ...]
    values: Mapping[str, str]
    """Relevant answers, calculations and notes by key; a row's under `name#row`."""
    final: str
    """ "complete", or the name of what forbids to finalise."""


@dataclass(slots=True)
class JavaRosa:
    """One Java process for many walks; its clock stands near noon, so that no day ends during a test."""

    process: subprocess.Popen[str]
    now: datetime
    """The moment at the start, as the process's own local time."""
    _lines: Queue[str] = field(default_factory=Queue)
    _listener: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        """Listen beside, so that neither side waits for the other to read."""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @classmethod
    def start(cls, log: Path) -> JavaRosa:
        """Start the process; what Java complains of goes to `log`."""
        hours = NOON - datetime.now(UTC).hour
        command = [
            required_java(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xss8m",
            f"-Duser.timezone=GMT{hours:+03}:00",
        ]
        command += ["-cp", str(ODK_VALIDATE_PATH), str(PROGRAM)]
        with log.open("w") as complaints:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                encoding="utf-8",
            )
        return cls(process, datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=hours))

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self._lines.put(line.rstrip("\n"))
        self._lines.put("ended")

    def __enter__(self) -> JavaRosa:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self._listener.join(timeout=60)

    def _say(self, lines: Iterable[Sequence[str]]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join("\t".join(line) + "\n" for line in lines))
        self.process.stdin.flush()

    def load(self, xform: Path) -> None:
        """From now on walk through this form."""
        self._say([("form", str(xform))])

    def begin(self, answers: Mapping[str, Sequence[str]]) -> None:
        """Begin a walk with what is to be said to each question; `walked` gives what came of it."""
        self._say([*((key, *said) for key, said in answers.items()), ("walk",)])

    def walked(self) -> Walked:
        """What came of the next walk that was begun."""
        asked: list[tuple[str, list[str]]] = []
        values: dict[str, str] = {}
        final = ""
        while line := self._lines.get(timeout=120):
            word, *rest = line.split("\t")
            assert word != "ended", "Java ended: see its log"
            if word == "asked":
                asked.append((rest[0], []))
            elif word == "value":
                values[rest[0]] = rest[1]
            elif word == "final":
                final = rest[0]
            else:
                asked[-1][1].append(word)
        return Walked(tuple((key, tuple(outcomes)) for key, outcomes in asked), values, final)
