"""The words that the page itself says, taken from templates/messages/web.j2."""

from __future__ import annotations

from typing import Any

from bot.render.messages import Messages


def page_words(messages: Messages) -> dict[str, Any]:
    """Every word of the chat page, by the name under which the page asks for it."""
    return {
        "bot": messages.say("web.bot"),
        "switch": messages.say("web.switch"),
        "analysis": messages.say("web.analysis"),
        "wanted": messages.say("web.wanted"),
        "nobody_wanted": messages.say("web.nobody_wanted"),
        "choose": messages.say("web.choose"),
        "close": messages.say("web.close"),
        "unread": messages.say("web.unread"),
        "earlier": messages.say("web.earlier"),
        "newer": messages.say("web.newer"),
        "yesterday": messages.say("web.yesterday"),
        "sending": messages.say("web.sending"),
        "waiting": messages.say("web.waiting"),
        "unsent": messages.say("web.unsent"),
        "untaken": messages.say("web.untaken"),
        "unanswered": messages.say("web.unanswered"),
        "thinking": messages.say("web.thinking"),
        "offline": messages.say("web.offline"),
        "welcome": messages.say("web.welcome"),
        "invitation": messages.say("web.invitation"),
        "start": messages.say("web.start"),
        "box": messages.say("web.box"),
        "send": messages.say("web.send"),
        "photo": messages.say("web.photo"),
        "photo_untaken": messages.say("web.photo_untaken"),
        "download": messages.say("web.download"),
        "quick": messages.say("web.quick").split(),
    }
