"""Imports by command, on the machine of the platform: the preview as lines, and the same again when it is done."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import click

from accounts.access import SYSTEM
from accounts.values import AccountId
from imports.queries import import_view
from imports.use_cases import carry_out as make_rows
from imports.use_cases import preview_import, start_import, undo_import
from imports.values import ImportId, Outcome, What
from kit.errors import AppError, Invalid
from kit.settings import Settings

_TOLD = (Outcome.WRONG, Outcome.SKIP)
MOST_TOLD = 200


def commands(connect: Callable[[Settings], None]) -> list[click.Command]:
    """The commands; `connect` binds the process to its database."""

    @click.command("import")
    @click.pass_obj
    @click.argument("account_id", type=click.UUID)
    @click.argument("what", type=click.Choice([what.value for what in What]))
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @click.option("--carry-out", is_flag=True, help="Make what the preview shows, and wait for it.")
    def bring(settings: Settings, account_id: UUID, what: str, file: Path, carry_out: bool) -> None:
        """Bring WHAT of another platform into an account from FILE (CSV, or JSON of eCarUp's public API)."""
        connect(settings)
        try:
            told = _bring(AccountId(account_id), What(what), file, carry_out=carry_out)
        except AppError as refused:
            raise click.ClickException(_words(refused)) from refused
        click.echo("\n".join(told))

    @click.command("undo-import")
    @click.pass_obj
    @click.argument("import_id", type=click.UUID)
    def undo(settings: Settings, import_id: UUID) -> None:
        """Take back everything that an import made, as long as nothing of it is used."""
        connect(settings)
        try:
            undo_import(SYSTEM, ImportId(import_id))
        except AppError as refused:
            raise click.ClickException(_words(refused)) from refused
        click.echo("Undone.")

    return [bring, undo]


def _bring(account_id: AccountId, what: What, file: Path, *, carry_out: bool) -> list[str]:
    looked = preview_import(SYSTEM, account_id, what=what, content=file.read_bytes(), file_name=file.name)
    import_id = ImportId(looked.id)
    if carry_out:
        start_import(SYSTEM, import_id)
        make_rows(import_id)
    return list(_lines(import_id))


def _lines(import_id: ImportId) -> Iterator[str]:
    view = import_view(SYSTEM, import_id, size=1)
    yield f"import {import_id}: {view.row.state.value}"
    yield from (f"{outcome.value}: {count}" for outcome, count in view.counts.items())
    for outcome in _TOLD:
        for row in import_view(SYSTEM, import_id, outcome=outcome, size=MOST_TOLD).rows.items:
            yield f"row {row.number} {outcome.value}: {row.field} {row.code}".rstrip()


def _words(refused: AppError) -> str:
    told = refused.fields if isinstance(refused, Invalid) else refused.details
    return ", ".join(f"{name}: {value}" for name, value in told.items()) or refused.code
