"""The townships of Huarong with their poor households (attachment 6), and villages with invented names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

COUNTY: Final = "华容县"
TOWNS: Final = {
    "三封寺镇": 187, "田家湖": 121, "治河渡镇": 272, "北景港镇": 513, "新河乡": 337, "鲇鱼须镇": 1057,
    "万庾镇": 527, "东山镇": 1215, "操军镇": 798, "梅田湖镇": 1164, "禹山镇": 735, "插旗镇": 429,
    "注滋口镇": 508, "团洲乡": 384, "章华镇": 1026,
}  # fmt: skip
"""Registered poor households by township, in the order of the attachment."""
SILENT: Final = "田家湖"
"""The township from which nothing has come in."""
TOWNS_ANSWERED: Final = 3
"""Of so many townships one has not handed in questionnaire 2."""
WITH_EMPTY: Final = "章华镇"
"""The township of the village in which no household is on file."""
OTHERS: Final = 0.25
"""Households that are not registered, as a share of those that are."""
PER_VILLAGE: Final = 110
_FIRST: Final = "松石柳白青红长新东西南北上下双龙凤金银清平安福和兴永大小高古"
_SECOND: Final = "树桥湖云山河塘岭坪洲湾垸港寨溪泉田坡井冲口台渡门家屋堤岗畈墩"


def village_names() -> Iterator[str]:
    """Names, each once."""
    rounds = ("", "一", "二", "三")
    return (f"{first}{second}{extra}村" for extra, first, second in product(rounds, _FIRST, _SECOND))


def sizes(households: int, villages: int) -> list[int]:
    """So many households shared out among villages, the first ones larger."""
    shares = [2 + (villages - at) / villages for at in range(villages)]
    total, found, left = sum(shares), [], households
    for share in shares[:-1]:
        found.append(min(left, round(households * share / total)))
        left -= found[-1]
    return [*found, left]
