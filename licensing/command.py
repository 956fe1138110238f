"""Files of the bank, read on the machine of the platform: from the bank's own transfer, by a timer."""

from collections.abc import Callable
from pathlib import Path

import click

from accounts.access import SYSTEM
from kit.errors import Invalid
from kit.settings import Settings
from licensing.use_cases import read_bank_file


def commands(connect: Callable[[Settings], None]) -> list[click.Command]:
    """The commands; `connect` binds the process to its database."""

    @click.command("read-bank")
    @click.pass_obj
    @click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
    def read(settings: Settings, files: tuple[Path, ...]) -> None:
        """Read FILES of the platform's bank account (camt.053, camt.054) and settle the invoices that were paid."""
        connect(settings)
        for file in files:
            try:
                found = read_bank_file(SYSTEM, file.read_bytes())
            except Invalid as refused:
                raise click.ClickException(f"{file.name}: {refused.fields['file']}") from refused
            click.echo(f"{file.name}: {found.settled} settled, {found.doubtful} to look at, {found.known} read before")

    return [read]
