"""Whether a text is a query at all: the surface that runs queries knows, and brings its judge at the start (wsgi.py).

For this room, within its doors.
"""

from collections.abc import Callable

Judge = Callable[[str], bool]
_judge: Judge = bool


def bind(judge: Judge) -> None:
    """This one judges from now on: whether the interface for programs can run the text."""
    global _judge
    _judge = judge


def is_query(text: str) -> bool:
    """What the judge says."""
    return _judge(text)
