"""Long lists as a file, written while they are read."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeVar

from flask import Response

from kit import clock
from kit.i18n import language, speaking
from portal.transfers import TransferSeats, limit_silence

Rows = TypeVar("Rows")


def streamed(
    stretches: Iterator[Rows],
    written: Callable[[Rows], str],
    *,
    seats: TransferSeats,
    name: str,
    ending: str,
    kind: str,
    head: str = "",
) -> Response:
    """The answer; the first stretch is read before it begins, so that a refusal still is one."""
    every = chain([next(stretches)], stretches)
    spoken = language()

    def text() -> Iterator[str]:
        yield head
        for rows in every:
            with speaking(spoken):
                made = written(rows)
            yield made

    limit_silence()
    answer = seats.until_sent(lambda: Response(text(), content_type=f"{kind}; charset=utf-8"))
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-{clock.now():%Y-%m-%d}.{ending}")
    answer.headers["Cache-Control"] = "no-store"
    return answer
