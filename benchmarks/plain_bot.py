"""The bot to compare with, in python-telegram-bot's and SQLAlchemy's usual style.

It does the same work with the same questionnaire engine and the same words: who speaks is looked up, the
answer and the conversation's state are committed (SQLite, WAL, synchronous=FULL), a tapped question is edited
in place, after a typed answer the old keyboard goes. What it leaves out is everything that costs time and
keeps promises: an update counts as received before it is handled, and a reply is sent from memory.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, BigInteger, ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.content import Content
from bot.dialogs import engine
from bot.dialogs.context import Context
from bot.dialogs.engine import Turn
from bot.dialogs.reply import Reply, Resume, Said, Tapped
from bot.dialogs.session import Session
from bot.services.interviewing import ACTIONS
from bot.services.outgoing import Message
from bot.services.presenting import Presenter

ZONE = ZoneInfo("Asia/Shanghai")


class Base(DeclarativeBase):
    """The tables of the plain bot."""

    type_annotation_map: ClassVar = {dict[str, Any]: JSON, Any: JSON}


class Cadre(Base):
    """Who may speak."""

    __tablename__ = "cadres"
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class Interview(Base):
    """A conversation's state."""

    __tablename__ = "interviews"
    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey(Cadre.chat_id), index=True)
    form: Mapped[str]
    session: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    cadre: Mapped[Cadre] = relationship()


class Answer(Base):
    """One line of the log of answers."""

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = mapped_column(ForeignKey(Interview.id), index=True)
    key: Mapped[str]
    before: Mapped[Any | None]
    after: Mapped[Any | None]
    at: Mapped[datetime]


class PlainBot:
    """Handlers over one database."""

    def __init__(self, content: Content, url: str, now: Callable[[], datetime]) -> None:
        self.content = content
        self.now = now
        self.engine = opened(url)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    def application(
        self, token: str, base_url: str, base_file_url: str
    ) -> Application[Any, Any, Any, Any, Any, Any]:
        """The application with its handlers, ready to be started."""
        builder = ApplicationBuilder().token(token).base_url(base_url).base_file_url(base_file_url)
        application = builder.build()
        application.add_handler(CommandHandler("resume", self.resumed))
        application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, self.typed))
        application.add_handler(CallbackQueryHandler(self.tapped))
        return application

    async def prepare(self, starts: dict[int, Session]) -> None:
        """Make the tables, and an interview for each chat."""
        async with self.engine.begin() as conn:
            await conn.run_sync(Base.metadata.create_all)
        async with self.sessions.begin() as db:
            for chat_id, session in starts.items():
                cadre = Cadre(chat_id=chat_id, name=f"person {chat_id}")
                now = self.now().replace(tzinfo=None)
                db.add(Interview(form=session.form, session=session.to_json(), updated_at=now, cadre=cadre))

    async def resumed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The command that shows the open question."""
        await self.reply_to(update, context, Resume())

    async def typed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A typed answer."""
        assert update.message is not None
        await self.reply_to(update, context, Said(update.message.text or ""))

    async def tapped(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A tapped button."""
        query = update.callback_query
        assert query is not None
        await query.answer()
        _, _, revision, key, action = (query.data or "").split(":")
        tap = Tapped(key, int(revision), ACTIONS[action[0]], int(action[1:] or 0))  # type: ignore[arg-type]
        await self.reply_to(update, context, tap)

    async def reply_to(self, update: Update, context: ContextTypes.DEFAULT_TYPE, reply: Reply) -> None:
        """One turn: load, think, save, answer."""
        chat = update.effective_chat
        assert chat is not None
        async with self.sessions() as db:
            found = select(Interview).where(Interview.chat_id == chat.id).options(joinedload(Interview.cadre))
            interview = (await db.scalars(found)).one()
            if not interview.cadre.active:
                return
            form = self.content.form(interview.form)
            turn = engine.advance(
                form,
                Session.from_json(interview.session),
                reply,
                self.context(),
                self.content.vocabulary,
            )
            now = self.now().replace(tzinfo=None)
            interview.session = turn.session.to_json()
            interview.updated_at = now
            db.add_all(self.log(interview, turn, now))
            await db.commit()
        message = Presenter(self.content.messages, form, interview.id).message(turn)
        await self.show(update, context, message)

    async def show(self, update: Update, context: ContextTypes.DEFAULT_TYPE, message: Message) -> None:
        """Edit a tapped question in place; after a typed answer send a new one and strip the old one."""
        if update.callback_query is not None:
            await update.callback_query.edit_message_text(message.text, reply_markup=keyboard(message))
            return
        assert update.message is not None
        assert context.chat_data is not None
        old = context.chat_data.get("shown")
        sent = await update.message.reply_text(message.text, reply_markup=keyboard(message))
        context.chat_data["shown"] = sent.message_id
        if old is not None:
            try:
                await update.get_bot().edit_message_reply_markup(update.message.chat_id, old)
            except BadRequest:
                pass  # it had no buttons any more

    @staticmethod
    def log(interview: Interview, turn: Turn, now: datetime) -> list[Answer]:
        """The lines of the log for a turn."""
        return [
            Answer(interview_id=interview.id, key=each.key, before=each.before, after=each.after, at=now)
            for each in turn.changes
        ]

    def context(self) -> Context:
        """What the engine reads besides the answers."""
        now = self.now().astimezone(ZONE)
        today: date = now.date()
        return Context(today.isoformat(), now.strftime("%Y-%m-%dT%H:%M"), self.content.form_parameters(today))


def opened(url: str) -> AsyncEngine:
    """SQLite with the product's durability."""
    found = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))

    @event.listens_for(found.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return found


def keyboard(message: Message) -> InlineKeyboardMarkup:
    """The buttons as python-telegram-bot wants them."""
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(each.label, callback_data=each.data) for each in row]
            for row in message.buttons
        ]
    )
