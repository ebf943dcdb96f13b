"""Small questionnaires of our own, about villages, townships and households, beside those that ship."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from bot.content import Content, initials
from bot.dialogs.form import Form
from bot.dialogs.reading import read_form
from tests.services.village import Village, loaded

VILLAGE = """
[form]
id = "tv"
version = 1
name = "村情测试表"
short = "村情表"
source = "test"
subject = "village"

[[section]]
id = "a"
name = "村情"

[[item]]
id = "0"
section = "a"
no = "0"
fact = "village"
kind = "text"
label = "村"
text = "哪个村？"
keep = "silent"

[[item]]
id = "1"
section = "a"
no = "1"
fact = "test_road"
kind = "select_one"
label = "通硬化路"
text = "村里通硬化路吗？"
options = [{ code = 1, label = "通了" }, { code = 2, label = "没通" }]

[[item]]
id = "2"
section = "a"
no = "2"
fact = "test_people"
kind = "integer"
label = "村里人数"
text = "村里有多少人？"
min = 0
max = 9999

[[item]]
id = "3"
section = "a"
no = "3"
fact = "visitor"
kind = "person"
label = "填表人"
text = "谁填的？"
keep = "silent"
"""

TOWNSHIP = (
    VILLAGE.replace('id = "tv"', 'id = "tt"')
    .replace("村情测试表", "镇情测试表")
    .replace('short = "村情表"', 'short = "镇情表"')
    .replace('subject = "village"', 'subject = ["township", "county"]')
    .replace("test_", "town_test_")
)


def form_of(text: str) -> Form:
    """The form that a TOML text says."""
    form, problems = read_form(tomllib.loads(text), {}, initials, "test.toml")
    assert form is not None, problems
    assert problems == []
    return form


def with_forms(*texts: str) -> Content:
    """The content that ships, its questionnaires about regions replaced by these."""
    content = loaded()
    kept = {key: form for key, form in content.forms.items() if form.subjects == ("household",)}
    new = [form_of(text) for text in texts]
    return replace(content, forms=kept | {(form.id, form.version): form for form in new})


async def labels(village: Village, address: str) -> list[str]:
    """The labels under the newest message that has any."""
    for message in reversed(await village.screen(address)):
        if message.buttons and not message.mine:
            return [button.label for row in message.buttons for button in row]
    return []
