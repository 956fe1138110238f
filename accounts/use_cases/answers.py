"""The same request again: programs that got no answer ask once more, and must not do the deed twice."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, select

from accounts import access
from accounts.access import Actor
from accounts.errors import OtherRequest
from accounts.models import KeptAnswer
from kit import clock, db
from kit.errors import Invalid
from kit.ids import new_id
from kit.upsert import insert
from kit.use_case import use_case

KEPT = timedelta(hours=24)
LONGEST_KEY = 200


class NotKept(Exception):
    """The deed was refused: nothing changed, and the same key may be tried again."""

    def __init__(self, answer: str) -> None:
        super().__init__("not kept")
        self.answer = answer


@use_case
def answer_once(actor: Actor, key: str, fingerprint: str, deed: Callable[[], str]) -> str:
    """Do a deed and keep its answer in the same transaction, for a day; with the same key again, only answer.

    `fingerprint` stands for the content of the request. Raises OtherRequest, Invalid(idempotency_key=), and NotKept
    when the deed does.
    """
    access.public("whoever asks keeps his own answers; the deed asks for the rights that it needs")
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(idempotency_key="too_long" if key else "required")
    mine = KeptAnswer.actor == actor.reference, KeptAnswer.key == key
    db.session().execute(delete(KeptAnswer).where(*mine, KeptAnswer.created_at < clock.now() - KEPT))
    values = {"id": new_id(), "actor": actor.reference, "key": key, "fingerprint": fingerprint, "answer": {}}
    new = insert(KeptAnswer).values(**values, created_at=clock.now()).on_conflict_do_nothing().returning(KeptAnswer.id)
    first = db.session().execute(new).first()  # who comes at the same moment waits here for the other's commit
    row = db.session().scalars(select(KeptAnswer).where(*mine)).one()
    if first is not None:
        row.answer = {"text": deed()}
    elif row.fingerprint != fingerprint:
        raise OtherRequest()
    return str(row.answer["text"])


@use_case
def forget_answers(actor: Actor) -> None:
    """Forget answers after a day."""
    access.system(actor)
    db.session().execute(delete(KeptAnswer).where(KeptAnswer.created_at < clock.now() - KEPT))
