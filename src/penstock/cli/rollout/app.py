"""`penstock rollout`, as one group of commands."""

import typer

from penstock.cli.rollout import changing, earlier, ramping, reading

app = typer.Typer(no_args_is_help=True, help="See and change which runs are live.")

for name, command in (
    ("list", reading.list_runs),
    ("show", reading.show),
    ("set", changing.set_shares),
    ("enable", changing.enable),
    ("disable", changing.disable),
    ("canary", changing.canary),
    ("ramp", ramping.ramp),
    ("reset", changing.reset),
    ("history", earlier.history),
    ("at", earlier.at),
    ("diff", earlier.diff),
    ("rollback", changing.rollback),
):
    app.command(name)(command)
