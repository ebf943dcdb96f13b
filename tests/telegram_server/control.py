"""The control API under /control/: what tests in another process use. JSON in, JSON out."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from tests.telegram_server.activity import PATIENCE
from tests.telegram_server.chats import Chat, Message
from tests.telegram_server.people import Person
from tests.telegram_server.updates import MESSAGE_LIFETIME

if TYPE_CHECKING:
    from tests.telegram_server.server import TelegramServer

Body = dict[str, Any]


class Control:
    """GET statistics, transcript, wait, document.

    POST say, start, tap, block, updates, faults, settings, clock.
    """

    def __init__(self, server: TelegramServer) -> None:
        self._server = server
        self._people: dict[tuple[int, int], Person] = {}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; what cannot be done is 400 with `{"error": …}`."""
        name = request.path.removeprefix("/control/").strip("/")
        found = getattr(self, f"{request.method.lower()}_{name}", None)
        if found is None:
            return _reply({"error": f"no {request.method} {name}"}, 404)
        try:
            raw = await request.read()
            given = {**request.query, **(orjson.loads(raw) if raw else {})}
            result = found(given)
            if asyncio.iscoroutine(result):
                result = await result
        except (LookupError, ValueError, TypeError) as error:
            return _reply({"error": f"{type(error).__name__}: {error}"}, 400)
        if isinstance(result, bytes):
            return web.Response(body=result, content_type="application/octet-stream")
        return _reply(result, 200)

    # --- looking ------------------------------------------------------------------------------------------

    def get_statistics(self, given: Body) -> Body:
        """Counters of the server."""
        return {**self._server.world.statistics(), "webhook": self._server.webhook.info()}

    def get_transcript(self, given: Body) -> Body:
        """One chat (`chat_id`), or every chat: messages with keyboards, edits and files."""
        world = self._server.world
        chats = [world.chat(int(given["chat_id"]))] if "chat_id" in given else list(world.chats.values())
        return {"chats": [_chat_json(chat) for chat in chats]}

    async def get_wait(self, given: Body) -> Body:
        """The chat once its `revision` is beyond `after`, or after `timeout` seconds."""
        chat = self._server.world.chat(int(given["chat_id"]))
        after, patience = int(given.get("after", 0)), float(given.get("timeout", PATIENCE))
        with contextlib.suppress(TimeoutError):
            await chat.activity.until(lambda: chat.activity.revision > after, patience=patience)
        return _chat_json(chat)

    def get_document(self, given: Body) -> bytes:
        """The bytes of the file of a message."""
        attachment = self._server.chat(int(given["chat_id"])).messages[int(given["message_id"])].attachment
        if attachment is None:
            raise LookupError("the message holds no file")
        return attachment.content

    # --- doing --------------------------------------------------------------------------------------------

    def _person(self, given: Body) -> Person:
        chat_id = int(given["chat_id"])
        user_id = int(given.get("user_id", chat_id))
        person = self._people.get((chat_id, user_id))
        if person is None:
            name = given.get("name", f"person {user_id}")
            person = self._people[chat_id, user_id] = Person(self._server, chat_id, name, user_id=user_id)
        return person

    def post_say(self, given: Body) -> Body:
        """A person says `text` in `chat_id`."""
        return {"message_id": self._person(given).say(given["text"]).message_id}

    def post_start(self, given: Body) -> Body:
        """A person presses Start, with `payload` if given."""
        return {"message_id": self._person(given).start(given.get("payload", "")).message_id}

    def post_tap(self, given: Body) -> Body:
        """A person taps `button` (label or data), on `message_id` if given."""
        person = self._person(given)
        message = person.chat.messages[int(given["message_id"])] if "message_id" in given else None
        return {"callback_id": person.tap(given["button"], message).callback_id}

    def post_block(self, given: Body) -> Body:
        """A person stops the bot, or lets it back with `blocked` false."""
        person = self._person(given)
        person.block() if given.get("blocked", True) else person.unblock()
        return {}

    def post_updates(self, given: Body) -> Body:
        """Queue raw `updates`, each `{"kind", "content", "key", "chat_id"}`; they may be malformed."""
        pushed = [
            self._server.updates.push(
                entry["kind"],
                entry["content"],
                key=int(entry.get("key", entry.get("chat_id", 0))),
                lifetime=float(entry.get("lifetime", MESSAGE_LIFETIME)),
                chat_id=entry.get("chat_id"),
            )
            for entry in given["updates"]
        ]
        return {"update_ids": [update.update_id for update in pushed]}

    def post_faults(self, given: Body) -> Body:
        """Put `{"kind", "method", "count", "probability", …}` in force; `{"clear": true}` ends all."""
        if given.pop("clear", False):
            self._server.faults.clear()
        if given:
            self._server.faults.add(**given)
        return {"active": len(self._server.faults.active)}

    def post_settings(self, given: Body) -> Body:
        """Switch `latency`, `flood`, `strict_repeats`, `privacy`."""
        server = self._server
        server.latency = float(given.get("latency", server.latency))
        server.world.flood.enabled = bool(given.get("flood", server.world.flood.enabled))
        server.updates.strict_repeats = bool(given.get("strict_repeats", server.updates.strict_repeats))
        server.world.privacy = bool(given.get("privacy", server.world.privacy))
        return {}

    def post_clock(self, given: Body) -> Body:
        """Move the clock forward by `advance` seconds."""
        self._server.clock.advance(float(given["advance"]))
        return {"now": self._server.clock.now()}


def _chat_json(chat: Chat) -> Body:
    return {
        "chat_id": chat.chat_id,
        "revision": chat.activity.revision,
        "blocked": chat.blocked,
        "actions": len(chat.actions),
        "messages": [_message_json(message) for message in chat.messages.values()],
    }


def _message_json(message: Message) -> Body:
    file = message.attachment
    return {
        "message_id": message.message_id,
        "from_bot": message.from_bot,
        "text": message.text,
        "keyboard": [[[key.label, key.data] for key in row] for row in message.keyboard],
        "edits": [version.text for version in message.edits],
        "file": {"kind": file.kind, "name": file.name, "size": len(file.content)} if file else None,
        "deleted": message.deleted,
        "date": message.date,
    }


def _reply(body: Body, status: int) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")
