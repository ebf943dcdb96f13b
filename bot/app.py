"""The composition root: what runs in one process, and how its parts wake each other."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot import content
from bot.channels import telegram, web_chat
from bot.channels.telegram_documents import RosterFetcher
from bot.channels.telegram_evidence import PhotoFetcher
from bot.channels.telegram_poller import Poller
from bot.channels.telegram_sender import Sender
from bot.channels.telegram_webhook import Webhook
from bot.channels.web_chat import WebChat
from bot.channels.web_port import Persona
from bot.content import Content
from bot.errors import HubangError, SettingInvalid
from bot.services import signatures_pages, versions
from bot.services.evidence_files import folder_of
from bot.services.notary import Notary
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.printing import Printer
from bot.services.reminding import Reminder
from bot.services.rosters.desk import RosterDesk
from bot.services.sample import enter, read_sample
from bot.services.sample_county import enter_county, read_county, told
from bot.services.sample_people import personas
from bot.services.signatures_pages import Pages
from bot.services.watching import Watcher
from bot.settings import Settings
from bot.storage import database, people
from bot.storage.database import Database
from bot.storage.sealing import NO_KEYS, KeyRing

log = logging.getLogger(__name__)


class PortTaken(HubangError):
    """{name}={port} is in use by another program: stop that one, or choose another port."""


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
    printer: Printer
    rosters: RosterDesk
    web: WebChat
    wakes: list[Callable[[], None]]

    def enqueued(self) -> None:
        """Something waits in the outbox: every channel looks."""
        for wake in self.wakes:
            wake()

    async def close(self) -> None:
        """Close the database."""
        await self.database.dispose()


async def build(
    settings: Settings, *, now: Callable[[], datetime] = utc_now, loaded: Content | None = None
) -> App:
    """Everything but the running; ContentInvalid, DatabaseUnusable or FormWithdrawn when it cannot be.

    `loaded` is the content if it has been read already.
    """
    loaded = loaded or content.load(content.in_county(settings.county))
    for warning in content.warnings(loaded.county, now().astimezone(settings.timezone).date()):
        log.warning("%s", warning)
    ring = KeyRing(settings.hubang_keys)
    opened = await open_database(settings.database_url, loaded, ring)
    folder = folder_of(settings)
    office = Office(loaded, settings.timezone, loaded.households_by, folder, settings.page)
    wakes: list[Callable[[], None]] = []

    def enqueued() -> None:
        for wake in wakes:
            wake()

    translate = {
        web_chat.CHANNEL: web_chat.translate,
        telegram.CHANNEL: telegram.translate,
        signatures_pages.CHANNEL: signatures_pages.translate,
    }
    printer = Printer(opened, settings.database_url, office, now, enqueued)
    rosters = RosterDesk(opened, office, now, enqueued)

    def ordered() -> None:
        printer.wake()
        rosters.wake()

    worker = Worker(opened, office, translate, now, enqueued, ordered)
    chat = WebChat(opened, now, worker.wake, folder=folder)
    wakes.append(chat.wake)
    reminder = Reminder(opened, office, now, enqueued)
    return App(settings, loaded, opened, office, worker, reminder, printer, rosters, chat, wakes)


async def open_database(url: str, loaded: Content, ring: KeyRing = NO_KEYS) -> Database:
    """The database, in which every open interview must find its questionnaire; FormWithdrawn otherwise."""
    opened = await database.open(url, ring)
    try:
        async with opened.reading() as conn:
            await versions.require_all(conn, loaded)
    except BaseException:
        await opened.dispose()
        raise
    return opened


async def enter_sample(app: App, now: datetime, *, county: bool = False) -> None:
    """Enter the sample village (or county) into an empty database, and let the page be its people.

    In a database with other households nobody of the sample exists, and the page shows nobody.
    """
    sample = read_county() if county else read_sample()
    addresses = [person["address"] for person in sample["person"]]
    async with app.database.transaction() as conn:
        if app.settings.sample_village and county:
            await enter_county(conn, app.office, sample, web_chat.CHANNEL, now, told)
        elif app.settings.sample_village:
            await enter(conn, sample, web_chat.CHANNEL, now)
        present = await people.behind(conn, web_chat.CHANNEL, addresses)
    offices = app.office.content.offices
    app.web.people = tuple(
        Persona(each.address, each.name, each.role, each.note, each.level)
        for each in personas(offices, sample)
        if each.address in present
    )


async def speak_telegram(app: App) -> None:
    """Receive and send on Telegram until cancelled: by webhook when it has an address, else by polling."""
    settings, now = app.settings, utc_now
    assert settings.telegram_token is not None
    async with telegram.connected(
        settings.telegram_token, settings.telegram_api_base, settings.telegram_file_base
    ) as bot:
        sender = Sender(bot, app.database, now)
        assert app.office.folder is not None
        photos = PhotoFetcher(bot, app.database, app.office, app.office.folder, now, app.enqueued)
        files = RosterFetcher(bot, app.database, app.office, now, app.rosters.wake, app.enqueued)
        app.wakes += [sender.wake, photos.wake, files.wake]
        if settings.webhook_url is not None and settings.webhook_secret is not None:
            ear = Webhook(
                bot,
                app.database,
                now,
                app.worker.wake,
                url=settings.webhook_url,
                secret=settings.webhook_secret,
                port=settings.webhook_port,
            )
            log.info("Telegram: receiving by webhook on port %d", settings.webhook_port)
            with port_taken("WEBHOOK_PORT", settings.webhook_port):
                await together(sender.run(), ear.run(), photos.run(), files.run())
            return
        poller = Poller(bot, app.database, now, app.worker.wake)
        # Whoever fetches also sends: a reply then goes out at once and not when another process looks.
        async with app.database.sole(telegram.CHANNEL):
            log.info("Telegram: polling %s", urlsplit(settings.telegram_api_base).netloc)
            await together(sender.run(), poller.run(), photos.run(), files.run())


async def show_page(app: App, ready: asyncio.Event) -> None:
    """Serve the chat page until cancelled; sets `ready` when it can be opened."""
    # Only whoever wants the page waits for its libraries: they take longer to load than all the rest.
    from bot.channels import web
    from bot.services.reports.analysis_board import Board

    host, port = app.settings.web_host, app.settings.web_port
    with port_taken("WEB_PORT", port):
        url, tap = app.settings.database_url, app.web.tap
        board = Board(app.database, url, app.office, utc_now, channel=web_chat.CHANNEL, tap=tap)
        signing = Pages(app.database, app.office, utc_now, app.worker.wake)
        page = web.serve(
            app.web,
            app.content.messages,
            host,
            port,
            practice=True,
            ready=ready,
            board=board,
            signing=signing,
        )
        await together(app.web.run(), page, said_when(ready, f"chat page: http://{host}:{port}"))


async def run(settings: Settings, *, practice: bool, ready: asyncio.Event | None = None) -> None:
    """Run until cancelled or told to end (SIGTERM): the chat page with its sample village unless its port is
    0, and Telegram when there is a token. Sets `ready` when the page can be opened.
    """
    require_keys(settings, practice=practice)
    async with running(settings) as app:
        watcher = Watcher(app.database, app.office, utc_now, app.enqueued)
        parts: list[Coroutine[Any, Any, None]] = [app.worker.run(), app.reminder.run(), app.printer.run()]
        parts.append(watcher.run())
        parts += [Notary(app.database).run(), app.rosters.run()]
        alone = practice or not settings.telegram_token
        await enter_sample(app, utc_now(), county=alone and settings.sample == "county")
        if settings.web_port:
            parts.append(show_page(app, ready or asyncio.Event()))
        if settings.telegram_token and not practice:
            parts.append(speak_telegram(app))
        await until_told_to_end(together(*parts))


def require_keys(settings: Settings, *, practice: bool) -> None:
    """What is said on Telegram is not stored plain: SettingInvalid. In a browser it is, for practice."""
    if settings.hubang_keys:
        return
    if settings.telegram_token and not practice:
        why = "a bot on Telegram seals what it stores: write a key with `python -m bot keys new`"
        raise SettingInvalid(name="HUBANG_KEYS", value="", why=why)
    log.warning("HUBANG_KEYS is empty: everything is stored plain, so enter nobody's real data")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[App]:
    """The parts, closed at the end of the block."""
    app = await build(settings)
    try:
        yield app
    finally:
        await app.close()


async def together(*parts: Coroutine[Any, Any, None]) -> None:
    """Run the parts side by side; when one fails the others end too, and its error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def until_told_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Do the work; SIGTERM ends it as cleanly as a cancellation, but is no error."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    told = False

    def end() -> None:
        nonlocal told
        told = True
        task.cancel()

    with contextlib.suppress(NotImplementedError):  # not on Windows
        loop.add_signal_handler(signal.SIGTERM, end)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
    finally:
        with contextlib.suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGTERM)


async def said_when(ready: asyncio.Event, words: str) -> None:
    """Log the words once it is true."""
    await ready.wait()
    log.info(words)


@contextlib.contextmanager
def port_taken(name: str, port: int) -> Iterator[None]:
    """Say which setting to change when its port cannot be had."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(name=name, port=port) from None
