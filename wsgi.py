"""The one place where everything meets: the web application, the worker and the command line.

`python wsgi.py --help` lists the commands; `create_app(settings)` is what gunicorn and the tests use.
"""

import dataclasses
import json
import os
from datetime import datetime
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import accounts.deeds
import accounts.jobs
import accounts.reactions
import announcements.deeds
import billing.deeds
import billing.jobs
import billing.reactions
import charging.deeds
import charging.jobs
import charging.reactions
import closures.deeds
import closures.jobs
import closures.reactions
import graphql_api
import handovers.deeds
import handovers.jobs
import handovers.reactions
import imports.command
import imports.deeds
import imports.jobs
import imports.reactions
import licensing.command
import licensing.deeds
import licensing.jobs
import licensing.reactions
import mass_changes.deeds
import mass_changes.jobs
import ocpp_ws
import ocpp_ws.jobs
import ocpp_ws.reactions
import partners.deeds
import partners.jobs
import partners.reactions
import portal
import smart_me.deeds
import smart_me.jobs
import smart_me.reactions
import stations.deeds
import stations.jobs
import stations.reactions
import webhooks.deeds
import webhooks.jobs
import webhooks.reactions
from accounts import links, query_texts, scopes
from accounts.access import SYSTEM
from accounts.queries import audit_anchors, checked_chain
from accounts.use_cases import forget_second_factors, make_staff, open_account
from accounts.values import AccountId
from billing.queries import failed_count
from harness.command_line import harness
from kit import audit, bus, db, deeds, encryption, hub, log, mail, metrics, shape, worker
from kit import backup as backups
from kit import settings as current_settings
from kit.errors import Invalid, NotFound
from kit.queue import Queue
from kit.seals import Anchor
from kit.settings import Settings, SettingsError
from licensing.use_cases import give_free_period
from portal.actor import origin, signed_in_actor
from portal.checks import counted_check
from portal.security import admit, limit_programs
from server import Server
from smart_me.admission import judge
from stations import admission, proxy_files
from stations.queries import authorities
from stations.use_cases import create_authority, renew_authority

ROOT = Path(__file__).parent
REACTIONS = (
    accounts.reactions.REACTIONS,
    stations.reactions.REACTIONS,
    charging.reactions.REACTIONS,
    billing.reactions.REACTIONS,
    licensing.reactions.REACTIONS,
    smart_me.reactions.REACTIONS,
    webhooks.reactions.REACTIONS,
    handovers.reactions.REACTIONS,
    imports.reactions.REACTIONS,
    closures.reactions.REACTIONS,
    partners.reactions.REACTIONS,
    ocpp_ws.reactions.REACTIONS,
)
JOBS = (
    *accounts.jobs.JOBS,
    *stations.jobs.JOBS,
    *charging.jobs.JOBS,
    *billing.jobs.JOBS,
    *licensing.jobs.JOBS,
    *smart_me.jobs.JOBS,
    *partners.jobs.JOBS,
    *webhooks.jobs.JOBS,
    *handovers.jobs.JOBS,
    *imports.jobs.JOBS,
    *mass_changes.jobs.JOBS,
    *closures.jobs.JOBS,
    *ocpp_ws.jobs.JOBS,
)
DEEDS = {
    "accounts": accounts.deeds.DEEDS,
    "announcements": announcements.deeds.DEEDS,
    "stations": stations.deeds.DEEDS,
    "charging": charging.deeds.DEEDS,
    "billing": billing.deeds.DEEDS,
    "partners": partners.deeds.DEEDS,
    "licensing": licensing.deeds.DEEDS,
    "smart_me": smart_me.deeds.DEEDS,
    "webhooks": webhooks.deeds.DEEDS,
    "handovers": handovers.deeds.DEEDS,
    "imports": imports.deeds.DEEDS,
    "mass_changes": mass_changes.deeds.DEEDS,
    "closures": closures.deeds.DEEDS,
}
HARNESS_DAYS = 3650


def connect(settings: Settings) -> None:
    """Bind this process to its settings, log, database and bus; once, at its start (after a fork)."""
    current_settings.use(settings)
    log.configure(settings.log_format, settings.log_level)
    db.connect(settings.database_url, pool_size=settings.threads + 10)
    bus.connect(settings.redis_url)


def create_app(settings: Settings) -> Flask:
    """The web application; the process is bound to its database by `connect`."""
    current_settings.use(settings)
    worker.bind(REACTIONS, JOBS)
    audit.on_write(origin)
    deeds.bind(DEEDS)
    admission.bind([judge])
    query_texts.bind(graphql_api.is_query)
    scopes.bind(admission.owner_of)
    metrics.watch("payments_failed", "Payments that somebody has to look at", lambda: failed_count(SYSTEM))
    app = Flask(__name__, static_folder=str(ROOT / "static"), template_folder=str(ROOT / "portal" / "templates"))
    app.config["SETTINGS"] = settings
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.config["SOCK_SERVER_OPTIONS"] = hub.UPGRADE_OPTIONS | {"subprotocols": [graphql_api.SUBPROTOCOL]}
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    portal.register(app, settings)
    graphql_api.register(app, settings, signed_in_actor, limit_programs, admit, counted_check)
    ocpp_ws.register(app, settings)
    return app


# ------------------------------------------------------------------------------------------- command line


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """The charging platform. Settings come from the environment; docs/deploy.md lists them."""
    try:
        context.obj = Settings.from_environ(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    log.configure(context.obj.log_format, context.obj.log_level)


@cli.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to the newest shape."""
    current_settings.use(settings)
    db.migrate(settings.database_url)


@cli.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Answer requests and sockets, by gunicorn."""
    _need_shape(settings)
    if settings.demo:
        click.echo(f"{settings.brand_name}: {settings.public_url}  (Ctrl+C ends it)")
        start_demo_chargers(settings)
    Server(settings, lambda: _connected(settings)).run()


def _need_shape(settings: Settings) -> None:
    if shape.is_behind(settings.database_url):
        raise click.ClickException("the database is not of this version's shape; run `wsgi.py migrate` first")


def _connected(settings: Settings) -> Flask:
    connect(settings)
    return create_app(settings)


def start_demo_chargers(settings: Settings) -> None:
    """The virtual chargers as a child process, where the demo was filled; they end with this process."""
    from demo import chargers, fill, welcome

    stations = settings.var_dir / fill.FILE
    if stations.exists():
        click.echo(welcome.text(stations, settings.public_url))
        chargers.spawn(f"ws://127.0.0.1:{settings.port}", stations)


@cli.command("demo")
@click.pass_obj
def fill_demo(settings: Settings) -> None:
    """Fill an empty database with made-up accounts, stations and a month of sessions (DEMO=1 only)."""
    from demo import fill

    if not settings.demo:
        raise click.ClickException("DEMO: is not set; made-up data goes into a demo only")
    connect(settings)
    log.configure(settings.log_format, "warning")
    create_app(settings)
    try:
        fill.run(settings)
    except fill.Incomplete as error:
        where = f"{settings.var_dir} (or another VAR_DIR)"
        raise click.ClickException(f"the demo in {where} is not complete; remove it and start again") from error


@cli.command("worker")
@click.pass_obj
def work(settings: Settings) -> None:
    """Carry events and run jobs, as a process of its own (needs REDIS_URL)."""
    if settings.redis_url is None:
        raise click.ClickException("REDIS_URL: is missing; without it the worker runs inside of `serve`")
    _need_shape(settings)
    connect(settings)
    create_app(settings)
    if settings.metrics_port is not None and settings.role == "worker":
        metrics.serve(settings.metrics_port)
    Queue(settings.redis_url).consume()


@cli.command()
@click.pass_obj
@click.argument("email")
@click.option("--lost-passkeys", is_flag=True, help="Also forget the person's passkeys and codes, and tell them so.")
def admin(settings: Settings, email: str, lost_passkeys: bool) -> None:
    """Let EMAIL run the platform; prints a link to set the password."""
    connect(settings)
    try:
        user = make_staff(SYSTEM, email=email)
        if lost_passkeys:
            forget_second_factors(SYSTEM, email=email)
    except NotFound as error:
        raise click.ClickException(f"nobody has registered with {email}; do it at {links.page('register')}") from error
    click.echo(f"{user.email} runs the platform now. Set a password within 14 days:\n{links.invitation(user)}")


@cli.command("mail-test")
@click.pass_obj
@click.argument("to")
def mail_test(settings: Settings, to: str) -> None:
    """Send a test letter to TO."""
    current_settings.use(settings)
    try:
        mail.send(to, f"Test – {settings.brand_name}", f"Mail from {settings.public_url} arrives.\n")
    except mail.MailRefused as error:
        raise click.ClickException(f"the mail server refused: {error.__cause__}") from error
    click.echo(f"Sent to {to}." if settings.smtp_url else f"Written to {settings.mail_dir}.")


@cli.command()
@click.pass_obj
@click.argument("target", type=click.Path(path_type=Path))
def backup(settings: Settings, target: Path) -> None:
    """Write database and files to TARGET (.tar.gz); may run while the platform does."""
    try:
        backups.backup(settings.database_url, settings.var_dir, target)
    except backups.BackupRefused as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Written to {target}.")


@cli.command()
@click.pass_obj
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--force", is_flag=True, help="Replace what is in the database.")
def restore(settings: Settings, source: Path, force: bool) -> None:
    """Put the backup SOURCE back; stop the platform before."""
    try:
        backups.restore(source, settings.database_url, settings.var_dir, force=force)
    except backups.BackupRefused as error:
        raise click.ClickException(str(error)) from error
    click.echo("Restored. Run `wsgi.py migrate` next.")


@cli.command("rotate-keys")
@click.pass_obj
def rotate_keys(settings: Settings) -> None:
    """Encrypt stored secrets anew with the first of ENCRYPTION_KEYS."""
    connect(settings)
    try:
        count = encryption.rotate()
    except encryption.UnknownKey as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} values are encrypted with the first key.")


@cli.group()
def certificates() -> None:
    """The platform's own certificates, which sign those of chargers; docs/security.md tells the story."""


@certificates.command("create")
@click.pass_obj
def create_certificates(settings: Settings) -> None:
    """Make the root and the issuing certificate, unless they are there, and write the files for the proxy."""
    connect(settings)
    create_authority(SYSTEM)
    _write_certificates(settings.certificates_dir)


@certificates.command("renew")
@click.pass_obj
@click.option("--root", is_flag=True, help="Also make a new root. Chargers have to be given it.")
def renew_certificates(settings: Settings, root: bool) -> None:
    """Make a new issuing certificate; chargers' certificates stay valid."""
    connect(settings)
    renew_authority(SYSTEM, root=root)
    _write_certificates(settings.certificates_dir)


@certificates.command("write")
@click.pass_obj
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
def write_certificates(settings: Settings, folder: Path | None) -> None:
    """Write the files for the proxy into FOLDER (CERTIFICATES_DIR if not given)."""
    connect(settings)
    _write_certificates(folder or settings.certificates_dir)


@certificates.command("show")
@click.pass_obj
def show_certificates(settings: Settings) -> None:
    """List the platform's own certificates."""
    connect(settings)
    for row in authorities(SYSTEM):
        click.echo(f"{row.kind.value} {row.number}: good until {row.not_after:%Y-%m-%d}")
        click.echo(row.certificate, nl=False)


@cli.group("audit")
def audit_group() -> None:
    """Who did what: whether the lines are as they were written; docs/security.md tells how."""


@audit_group.command("check")
@click.pass_obj
@click.argument("account", type=click.UUID, required=False)
@click.option("--anchors", type=click.File(), help="Seals that `audit anchors` once wrote; they must still be there.")
def check_audit(settings: Settings, account: UUID | None, anchors: TextIO | None) -> None:
    """Look at every line of ACCOUNT, or of all, and name the first that is not as it was sealed."""
    connect(settings)
    kept = {one["chain"]: one for one in map(json.loads, anchors or ())}
    chains = [account] if account else {anchor.chain for anchor in audit_anchors(SYSTEM)} | {UUID(one) for one in kept}
    broken = 0
    for chain in sorted(chains):
        one = kept.get(str(chain))
        anchored = one and Anchor(chain, one["number"], one["hash"], datetime.fromisoformat(one["sealed_at"]))
        finding = checked_chain(SYSTEM, chain, anchored)
        click.echo(finding)
        broken += bool(finding.reason)
    if broken:
        raise SystemExit(1)


@audit_group.command("anchors")
@click.pass_obj
def show_anchors(settings: Settings) -> None:
    """Print the newest seal of every account, a JSON line each, to be kept where nobody of here can change it."""
    connect(settings)
    for anchor in audit_anchors(SYSTEM):
        click.echo(json.dumps(dataclasses.asdict(anchor), default=str))


for command in [*imports.command.commands(connect), *licensing.command.commands(connect)]:
    cli.add_command(command)
cli.add_command(harness)


@harness.command("account")
@click.pass_context
@click.argument("name")
@click.argument("email")
def make_account(context: click.Context, name: str, email: str) -> None:
    """Make an account NAME, which EMAIL owns, and a token for a harness; on this machine, without the program."""
    connect(context.find_root().obj)
    try:
        made = open_account(SYSTEM, email=email, name=name)
        give_free_period(SYSTEM, AccountId(made.token.account_id), days=HARNESS_DAYS, reason="harness")
    except Invalid as error:
        raise click.ClickException(
            f"{', '.join(f'{field}: {code}' for field, code in error.fields.items())}"
        ) from error
    context.obj.tell({"accountId": str(made.token.account_id), "token": made.secret})


def _write_certificates(folder: Path) -> None:
    written = proxy_files.write(folder)
    click.echo("\n".join(f"Written: {path}" for path in written) or f"Nothing changed in {folder}.")


if __name__ == "__main__":
    cli()
