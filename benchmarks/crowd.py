"""People who answer as fast as they are asked, beside the fake Bot API server, in a process of their own.

`python -m benchmarks.crowd` reads one line of JSON, `[{"chat_id": …, "answers": [[text, tap], …]}, …]`, and
prints where the server is. Then each line "show" lets everybody ask for the open question, and "go" lets
everybody answer: a person gives the next answer when the reply to the one before has arrived.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time
from typing import Any

import orjson
import uvloop

from tests.telegram_server import Person, TelegramServer

ASK = "/resume"
PATIENCE = 600.0


class Answering:
    """One person with answers: (text, "") to be typed, or ("", end of a button's data) to be tapped."""

    def __init__(self, server: TelegramServer, chat_id: int, answers: list[tuple[str, str]]) -> None:
        self.person = Person(server, chat_id, f"person {chat_id}")
        self.answers = answers
        self.delays: list[float] = []

    async def show(self) -> None:
        """Ask for the open question."""
        self.person.say(ASK)
        await self.person.chat.activity.until(lambda: self.person.chat.last.keyboard, patience=PATIENCE)

    async def answer_all(self) -> None:
        """Give every answer; an answer counts when the bot's newest message has become another."""
        chat = self.person.chat
        for text, tap in self.answers:
            shown, said = chat.last, chat.last.text
            begun = time.perf_counter()
            if tap:
                self.person.tap(self.button(tap))
            else:
                self.person.say(text)
            while chat.last is shown and shown.text == said:
                await chat.activity.change()
            self.delays.append(time.perf_counter() - begun)

    def button(self, end: str) -> str:
        """The data of the button that is meant."""
        for button in (button for row in self.person.chat.last.keyboard for button in row):
            if button.data is not None and button.data.endswith(end):
                return button.data
        raise LookupError(f"no button {end} on\n{self.person.chat.screen()}")


async def run(people: list[dict[str, Any]]) -> None:
    """Serve, and obey the lines of standard input until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
    )
    async with TelegramServer() as server:
        server.world.flood.enabled = False
        crowd = [Answering(server, person["chat_id"], person["answers"]) for person in people]
        _say({"token": server.token, "base_url": server.base_url, "base_file_url": server.base_file_url})
        while line := (await reader.readline()).strip():
            busy, begun = _cpu(), time.perf_counter()
            deeds = (each.show() if line == b"show" else each.answer_all() for each in crowd)
            try:
                await asyncio.wait_for(asyncio.gather(*deeds), PATIENCE)
            except TimeoutError:
                waits = max(crowd, key=lambda each: len(each.answers) - len(each.delays))
                raise TimeoutError(
                    f"no reply:\n{waits.person.chat.screen()}\n{server.world.statistics()}"
                ) from None
            seconds = time.perf_counter() - begun
            delays = sorted(delay for each in crowd for delay in each.delays)
            _say(
                {
                    "answers": len(delays),
                    "seconds": seconds,
                    "busy": (_cpu() - busy) / seconds,
                    "middle": delays[len(delays) // 2] if delays else 0.0,
                    "late": delays[len(delays) * 99 // 100] if delays else 0.0,
                    "refusals": sum(server.world.refusals.values()),
                    "calls": server.world.applied,
                }
            )


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _say(said: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(said).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    gc.disable()  # for both bots alike: the server must not be what they wait for
    uvloop.run(run(orjson.loads(sys.stdin.buffer.readline())))
