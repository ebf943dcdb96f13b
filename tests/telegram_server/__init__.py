"""A strict Bot API server on loopback, with people who tap and type, and trouble on request.

It copies what the public Bot API server does (v10.0): confirmation by offset, long polling, conflicts,
webhook lanes, limits, refusals word for word. See `TelegramServer`, `Person`, `Kind` (of faults) and `Clock`.
"""

from __future__ import annotations

from tests.telegram_server.chats import Attachment, Button, Chat, Message, Screen
from tests.telegram_server.clock import Clock
from tests.telegram_server.faults import Fault, Kind
from tests.telegram_server.people import Person
from tests.telegram_server.server import TOKEN, TelegramServer
from tests.telegram_server.world import Tap

__all__ = [
    "TOKEN",
    "Attachment",
    "Button",
    "Chat",
    "Clock",
    "Fault",
    "Kind",
    "Message",
    "Person",
    "Screen",
    "Tap",
    "TelegramServer",
]
