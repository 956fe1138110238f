"""Troubles of the sandbox provider, arranged by tests: each process has its own."""

from dataclasses import dataclass

from billing.payments.port import ProviderDown


@dataclass
class _Fault:
    step: str
    times: int
    answer_lost: bool
    error: Exception


class Faults:
    """Troubles arranged for the next calls of this process; for tests. Steps are the names of the port's methods."""

    def __init__(self) -> None:
        self._arranged: list[_Fault] = []

    def arrange(self, step: str, *, times: int = 1, answer_lost: bool = False, error: Exception | None = None) -> None:
        """Let the step fail: before anything happened, or (`answer_lost`) after it did. By default: ProviderDown."""
        self._arranged.append(_Fault(step, times, answer_lost, error or ProviderDown()))

    def clear(self) -> None:
        """No more troubles."""
        self._arranged.clear()

    def before(self, step: str) -> None:
        """The call is about to be made."""
        self._strike(step, answer_lost=False)

    def after(self, step: str) -> None:
        """The call was made, the answer is on its way."""
        self._strike(step, answer_lost=True)

    def _strike(self, step: str, *, answer_lost: bool) -> None:
        for fault in self._arranged:
            if (fault.step, fault.answer_lost) == (step, answer_lost) and fault.times > 0:
                fault.times -= 1
                raise fault.error


faults = Faults()
