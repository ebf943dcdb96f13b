"""One open chat page: what it shows, and what comes from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any, Final

from nicegui import background_tasks, ui
from nicegui.events import GenericEventArguments

from bot.channels.web_delivery import Deliveries
from bot.channels.web_port import ChatMessage, Conversations, Persona
from bot.channels.web_screen import Screen, newest_said_to
from bot.channels.web_watch import Watches

LOG: Final = logging.getLogger(__name__)
LONGEST: Final = 4000  # characters of a typed message, as in a Telegram message
LONGEST_KEY: Final = 64


class ChatView(ui.element, component="web_chat.js"):
    """The chat page of one browser tab, drawn by web_chat.js; its first messages travel with the page."""

    def __init__(
        self,
        me: Persona,
        others: Sequence[Persona],
        history: Sequence[ChatMessage],
        *,
        words: Mapping[str, Any],
        patience: float,
        photos: bool = False,
        analysis: str = "",
    ) -> None:
        """`analysis` is where the person finds the analyses of their places; "" for nobody's."""
        super().__init__()
        self._me = me
        self._others = others
        self._screen = Screen()
        self._newest: dict[str, int] = {}
        self._following: list[asyncio.Task[Any]] = []
        self.props.update(
            {
                "me": asdict(me),
                "others": [asdict(each) for each in others],
                "words": words,
                "patience": patience * 1000,
                "longest": LONGEST,
                "photos": photos,
                "analysis": analysis,
                "first": self._screen.patch(history) or {"order": [], "put": [], "more": 0},
            }
        )

    def join(self, conversations: Conversations, watches: Watches, deliveries: Deliveries) -> None:
        """Take part in the conversation from the moment the browser is connected until its tab is gone."""
        self._conversations, self._watches, self._deliveries = conversations, watches, deliveries
        self.on("say", self._say)
        self.on("tap", self._tap)
        self.on("earlier", self._earlier)
        self.client.on_connect(self._follow)
        self.client.on_delete(self._unfollow)

    # ---------------------------------------------------------------- what comes from the browser

    async def _say(self, event: GenericEventArguments) -> None:
        match event.args:
            case {"key": str(key), "text": str(text)} if text.strip() and len(text) <= LONGEST:
                await self._deliver(key, lambda: self._conversations.say(self._me.address, text))
            case _:
                LOG.warning("a browser sent what is no message")

    async def _tap(self, event: GenericEventArguments) -> None:
        match event.args:
            case {"key": str(key), "message": int(message), "data": str(data)}:
                await self._deliver(key, lambda: self._conversations.tap(self._me.address, message, data))
            case _:
                LOG.warning("a browser sent what is no tap")

    async def _deliver(self, key: str, act: Callable[[], Awaitable[None]]) -> None:
        try:
            fresh = await self._deliveries.once(self._me.address, key[:LONGEST_KEY], act)
        except Exception:
            LOG.exception("what a browser sent could not be taken")
            self.run_method("failed", key)
        else:
            self.run_method("taken", key, fresh)

    async def _earlier(self) -> None:
        self._screen.widen()
        self._show(await self._conversations.history(self._me.address))

    # ---------------------------------------------------------------- what goes to the browser

    def _show(self, history: Sequence[ChatMessage]) -> None:
        patch = self._screen.patch(history)
        if patch is not None:
            self.run_method("show", patch)

    def _follow(self) -> None:
        if self._following:
            return  # only the connection is new
        addresses = [each.address for each in self._others]
        self._following = [
            background_tasks.create(self._follow_me(), name="follow a conversation"),
            *(background_tasks.create(self._follow_other(each), name="look for news") for each in addresses),
        ]

    def _unfollow(self) -> None:
        for task in self._following:
            task.cancel()

    async def _follow_me(self) -> None:
        async with self._watches.watching(self._me.address) as watch, aclosing(watch.looks()) as looks:
            async for history in looks:
                self._show(history)

    async def _follow_other(self, address: str) -> None:
        async with self._watches.watching(address) as watch, aclosing(watch.looks()) as looks:
            async for history in looks:
                newest = newest_said_to(history)
                if newest != self._newest.get(address):
                    self._newest[address] = newest
                    self.run_method("elsewhere", address, newest)
