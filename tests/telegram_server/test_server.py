"""The server as a process of its own, and what it says of itself."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
import orjson
import pytest

from tests.telegram_server import Person, TelegramServer
from tests.telegram_server.caller import LI, WANG, YES_NO, Caller


async def test_another_process_is_driven_by_its_control_api() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.telegram_server", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        where = orjson.loads(await process.stdout.readline())
        async with aiohttp.ClientSession() as session:

            async def control(how: str, what: str, **values: Any) -> Any:
                async with session.request(how, f"{where['url']}/control/{what}", json=values) as response:
                    return await response.json()

            async def bot(method: str, **values: Any) -> Any:
                url = f"{where['base_url']}{where['token']}/{method}"
                async with session.post(url, json=values) as response:
                    return await response.json()

            await control("POST", "start", chat_id=WANG, name="老王", payload="x1")
            waiting = asyncio.create_task(control("GET", "wait", chat_id=WANG, after=1))
            await bot("sendMessage", chat_id=WANG, text="在家吗?", reply_markup=YES_NO)
            assert (await waiting)["messages"][1]["keyboard"] == [[["是", "y"], ["否", "n"]]]
            await control("POST", "tap", chat_id=WANG, button="是")
            updates = (await bot("getUpdates"))["result"]
            assert [set(update) - {"update_id"} for update in updates] == [{"message"}, {"callback_query"}]
            assert "error" in await control("POST", "tap", chat_id=WANG, button="没有")
            await control("POST", "updates", updates=[{"kind": "message", "content": {"odd": 1}}])
            await control("POST", "faults", kind="reset", method="getme", count=1)
            with pytest.raises(aiohttp.ClientError):
                await bot("getMe")
            statistics = await control("GET", "statistics")
            assert statistics["applied"]["sendmessage"] == 1
            assert statistics["updates"]["pending"] == 3
    finally:
        process.terminate()
        await process.wait()


async def test_message_ids_count_up_by_chat(call: Caller, server: TelegramServer, wang: Person) -> None:
    """A bot that looks a message up by its id alone finds another person's."""
    wang.start()
    Person(server, LI, "李四").start()
    sent = [await call("sendMessage", chat_id=chat_id, text="x") for chat_id in (WANG, LI, LI)]
    assert [message["message_id"] for message in sent] == [2, 2, 3]
