"""The composition root: what runs in one process, and how its parts wake each other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot import content
from bot.channels import telegram, web, web_chat
from bot.channels.telegram_poller import Poller
from bot.channels.telegram_sender import Sender
from bot.channels.telegram_webhook import Webhook
from bot.channels.web_chat import WebChat
from bot.channels.web_port import Persona
from bot.content import Content
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.reminding import Reminder
from bot.services.sample import enter, read_sample
from bot.settings import Settings
from bot.storage import database
from bot.storage.database import Database

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The moment, aware, in UTC: the one clock of the running bot."""
    return datetime.now(UTC)


@dataclass(slots=True)
class App:
    """One process: the database, the worker, the reminder, and the mouths that are switched on."""

    settings: Settings
    content: Content
    database: Database
    office: Office
    worker: Worker
    reminder: Reminder
    web: WebChat
    wakes: list[Callable[[], None]]

    def enqueued(self) -> None:
        """Something waits in the outbox: every channel looks."""
        for wake in self.wakes:
            wake()

    async def close(self) -> None:
        """Close the database."""
        await self.database.dispose()


async def build(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> App:
    """Everything but the running; ContentInvalid or DatabaseUnusable when it cannot be."""
    loaded = content.load()
    opened = await database.open(settings.database_url)
    office = Office(loaded, settings.timezone, settings.schemes)
    wakes: list[Callable[[], None]] = []

    def enqueued() -> None:
        for wake in wakes:
            wake()

    translate = {web_chat.CHANNEL: web_chat.translate, telegram.CHANNEL: telegram.translate}
    worker = Worker(opened, office, translate, now, enqueued)
    chat = WebChat(opened, now, worker.wake)
    wakes.append(chat.wake)
    return App(settings, loaded, opened, office, worker, Reminder(opened, office, now, enqueued), chat, wakes)


async def enter_sample(app: App, now: datetime) -> None:
    """Enter the sample village into an empty database, and let the page be its people."""
    sample = read_sample()
    async with app.database.transaction() as conn:
        await enter(conn, sample, web_chat.CHANNEL, now)
    app.web.people = tuple(
        Persona(
            person["address"],
            person["name"],
            app.office.say("inviting.role_name", role=person["role"]),
            person["note"],
        )
        for person in sample["person"]
    )


async def speak_telegram(app: App) -> None:
    """Receive and send on Telegram until cancelled: by webhook when it has an address, else by polling."""
    settings, now = app.settings, utc_now
    assert settings.telegram_token is not None
    stored = app.worker.wake
    async with telegram.connected(
        settings.telegram_token, settings.telegram_api_base, settings.telegram_file_base
    ) as bot:
        sender = Sender(bot, app.database, now)
        app.wakes.append(sender.wake)
        ear: Poller | Webhook = Poller(bot, app.database, now, stored)
        if settings.webhook_url is not None and settings.webhook_secret is not None:
            ear = Webhook(
                bot,
                app.database,
                now,
                stored,
                url=settings.webhook_url,
                secret=settings.webhook_secret,
                port=settings.webhook_port,
            )
        async with asyncio.TaskGroup() as group:
            group.create_task(sender.run())
            group.create_task(ear.run())


async def run(settings: Settings, *, practice: bool, ready: asyncio.Event | None = None) -> None:
    """Run until cancelled: the chat page with its sample village, and Telegram when there is a token."""
    app = await build(settings)
    try:
        await enter_sample(app, utc_now())
        page = web.serve(
            app.web,
            app.content.messages,
            settings.web_host,
            settings.web_port,
            practice=True,
            ready=ready,
        )
        parts: list[Coroutine[Any, Any, None]] = [app.worker.run(), app.reminder.run(), app.web.run(), page]
        if settings.telegram_token and not practice:
            parts.append(speak_telegram(app))
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    finally:
        await app.close()
