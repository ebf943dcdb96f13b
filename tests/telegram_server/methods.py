"""The methods of the Bot API that change or show chats, with the checks and refusals of the real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.telegram_server import limits
from tests.telegram_server.arguments import Arguments
from tests.telegram_server.chats import Attachment, Chat, Message
from tests.telegram_server.entities import Entities, units
from tests.telegram_server.refusals import Refused, bad_request, forbidden
from tests.telegram_server.world import World

Method = Callable[[World, Arguments], Any]
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
ACTIONS = frozenset(
    (
        "typing",
        "upload_photo",
        "upload_video",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video",
        "record_voice",
        "record_video_note",
        "upload_video_note",
    )
)
CAN_BE_DELETED = 48 * 3600


def _chat(world: World, arguments: Arguments, *, write: bool = True) -> Chat:
    given = arguments.text("chat_id")
    if not given:
        raise bad_request("chat_id is empty")
    try:
        chat = world.chats.get(int(given))
    except ValueError:
        chat = None
    if chat is None or not chat.begun:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        why = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refused(400, why, migrate_to_chat_id=chat.migrated_to)
    if write and chat.blocked:
        raise forbidden("bot was blocked by the user")
    if write and chat.left:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    return chat


def _message(chat: Chat, arguments: Arguments, what: str) -> Message:
    message = chat.messages.get(arguments.number("message_id"))
    if message is None or message.deleted:
        raise bad_request(f"{what} not found")
    return message


def _answered(chat: Chat, arguments: Arguments) -> dict[str, Any]:
    reply = arguments.json("reply_parameters") or {}
    wanted = reply.get("message_id") or arguments.number("reply_to_message_id")
    if not wanted:
        return {}
    message = chat.messages.get(int(wanted))
    if message is None or message.deleted:
        if reply.get("allow_sending_without_reply") or arguments.flag("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    chat_json = chat.to_json()
    shown = {
        "message_id": message.message_id,
        "date": message.date,
        "chat": chat_json,
        "from": message.sender,
    }
    return {"reply_to_message": shown}


def _marked(arguments: Arguments, entities: Entities, given: str) -> Entities:
    return arguments.json(given) or entities if given in arguments.values else entities


def _put(world: World, chat: Chat, arguments: Arguments, **parts: Any) -> dict[str, Any]:
    markup = limits.reply_markup(arguments.values.get("reply_markup"))
    extra = _answered(chat, arguments)
    world.flood.admit(chat.chat_id)
    if markup is not None and "keyboard" in markup:
        rows = markup["keyboard"]
        chat.reply_keyboard = [[key if isinstance(key, str) else key["text"] for key in row] for row in rows]
    elif markup is not None and "remove_keyboard" in markup:
        chat.reply_keyboard = []
    message = world.add_message(chat, world.bot, reply_markup=markup, extra=extra, **parts)
    return world.message_json(message)


def send_message(world: World, arguments: Arguments) -> Any:
    """sendMessage."""
    chat = _chat(world, arguments)
    text, entities = limits.message_text(arguments.text("text"), arguments.text("parse_mode"))
    entities = _marked(arguments, entities, "entities")
    return _put(world, chat, arguments, text=text, entities=entities)


def _send_file(world: World, arguments: Arguments, kind: str) -> Any:
    chat = _chat(world, arguments)
    text, entities = limits.caption_text(arguments.text("caption"), arguments.text("parse_mode"))
    upload = arguments.upload(kind)
    attachment: Attachment | None
    if upload is not None:
        limits.uploaded(kind, upload.content)
        attachment = world.keep_file(kind, upload.name, upload.mime, upload.content)
    elif not (given := arguments.text(kind)):
        raise bad_request(f"there is no {kind} in the request")
    elif (attachment := world.files.get(given)) is None:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    return _put(world, chat, arguments, text=text, entities=entities, attachment=attachment)


def send_document(world: World, arguments: Arguments) -> Any:
    """sendDocument."""
    return _send_file(world, arguments, "document")


def send_photo(world: World, arguments: Arguments) -> Any:
    """sendPhoto."""
    return _send_file(world, arguments, "photo")


def _editable(world: World, arguments: Arguments) -> tuple[Chat, Message]:
    chat = _chat(world, arguments)
    message = _message(chat, arguments, "message to edit")
    inline = message.reply_markup is None or "inline_keyboard" in message.reply_markup
    if not message.from_bot or not inline:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(
    world: World, chat: Chat, message: Message, text: str, entities: Entities, markup: dict[str, Any] | None
) -> Any:
    if (message.text, message.entities, message.reply_markup) == (text, entities, markup):
        raise bad_request(NOT_MODIFIED)
    world.flood.admit(chat.chat_id)
    message.edits.append(world.version(message))
    message.text, message.entities, message.reply_markup = text, entities, markup
    message.edit_date = int(world.clock.now())
    chat.activity.notify()
    return world.message_json(message)


def _inline_markup(arguments: Arguments) -> dict[str, Any] | None:
    markup = limits.reply_markup(arguments.values.get("reply_markup"))
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def edit_message_text(world: World, arguments: Arguments) -> Any:
    """editMessageText; without a keyboard in the request the message loses its keyboard."""
    mode = arguments.text("parse_mode")
    text, entities = limits.message_text(arguments.text("text"), mode, too_long="MESSAGE_TOO_LONG")
    entities = _marked(arguments, entities, "entities")
    markup = _inline_markup(arguments)
    chat, message = _editable(world, arguments)
    if message.attachment is not None:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, chat, message, text, entities, markup)


def edit_message_reply_markup(world: World, arguments: Arguments) -> Any:
    """editMessageReplyMarkup; without a keyboard in the request the keyboard goes."""
    markup = _inline_markup(arguments)
    chat, message = _editable(world, arguments)
    return _edit(world, chat, message, message.text, message.entities, markup)


def delete_message(world: World, arguments: Arguments) -> Any:
    """deleteMessage: within 48 hours; in groups only the bot's own."""
    chat = _chat(world, arguments)
    message = _message(chat, arguments, "message to delete")
    too_old = world.clock.now() - message.date > CAN_BE_DELETED
    if too_old or (chat.kind != "private" and not message.from_bot):
        raise bad_request("message can't be deleted")
    message.deleted = True
    chat.activity.notify()
    return True


def answer_callback_query(world: World, arguments: Arguments) -> Any:
    """answerCallbackQuery: within 150 s of the tap."""
    text = arguments.text("text")
    if units(text) > limits.CALLBACK_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    tap = world.tap_of(arguments.text("callback_query_id"))
    tap.answers.append(text)
    world.chats[tap.message.chat_id].activity.notify()
    return True


def send_chat_action(world: World, arguments: Arguments) -> Any:
    """sendChatAction."""
    chat = _chat(world, arguments)
    action = arguments.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.actions.append(action)
    return True


def set_my_commands(world: World, arguments: Arguments) -> Any:
    """setMyCommands (one list; scopes and languages are not told apart)."""
    world.commands = limits.commands(arguments.json("commands"))
    return True


def get_me(world: World, arguments: Arguments) -> Any:
    """getMe."""
    rights = {"can_join_groups": True, "can_read_all_group_messages": not world.privacy}
    return {**world.bot, **rights, "supports_inline_queries": False, "can_connect_to_business": False}


def get_chat(world: World, arguments: Arguments) -> Any:
    """getChat."""
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return {
        **_chat(world, arguments, write=False).to_json(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def get_file(world: World, arguments: Arguments) -> Any:
    """getFile: 20 MB at most."""
    attachment = world.files.get(arguments.text("file_id"))
    if attachment is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(attachment.content) > limits.DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": attachment.file_id,
        "file_unique_id": f"u{attachment.file_id}",
        "file_size": len(attachment.content),
        "file_path": world.file_path(attachment),
    }


METHODS: dict[str, Method] = {
    "getme": get_me,
    "getchat": get_chat,
    "getfile": get_file,
    "sendmessage": send_message,
    "senddocument": send_document,
    "sendphoto": send_photo,
    "sendchataction": send_chat_action,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "setmycommands": set_my_commands,
}
