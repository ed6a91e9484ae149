"""Show what a change would do, ask, and carry it out."""

import sys
from collections.abc import Callable
from dataclasses import replace

import typer

from penstock.cli import output
from penstock.cli.rollout.connection import open_client
from penstock.cli.rollout.manner import Manner
from penstock.cli.rollout.proposal import Proposal
from penstock.cli.rollout.rows import find_runs
from penstock.cli.rollout.scopes import describe_scope
from penstock.cli.rollout.transition import Transition
from penstock.cli.rollout.transition_view import show_transition, transition_as_json
from penstock.rest import MlflowClient

Propose = Callable[[MlflowClient], Proposal]


def carry_out(propose: Propose, manner: Manner) -> None:
    """Carry a change through, or show it alone.

    Somebody at a terminal is asked first, and what was agreed to is done to the revision that was
    shown, or not at all.
    """
    with open_client(manner.uri) as client:
        proposal = replace(propose(client), note=manner.note)
        if manner.is_dry_run:
            _show(client, proposal.foresee(client), manner)
        elif _is_to_be_asked(manner):
            _ask(client, proposal, manner)
        else:
            _show(client, proposal.carry_out(client), manner)


def _is_to_be_asked(manner: Manner) -> bool:
    is_watched = output.is_terminal(sys.stdin) and output.is_terminal()
    return is_watched and not manner.is_agreed and not manner.as_json


def _ask(client: MlflowClient, proposal: Proposal, manner: Manner) -> None:
    foreseen = proposal.foresee(client)
    _show(client, foreseen, manner)
    if not foreseen.is_change:
        return
    if not typer.confirm("Change it?"):
        output.say("nothing was changed")
        raise typer.Exit(1)
    done = proposal.carry_out(client, only=foreseen.before.revision)
    output.say(f"revision {done.after.revision} is live")


def _show(client: MlflowClient, transition: Transition, manner: Manner) -> None:
    if manner.as_json:
        output.say_json(transition_as_json(transition, is_dry_run=manner.is_dry_run))
        return
    scope = transition.after.scope
    experiment = client.get_experiment(scope.experiment_id)
    show_transition(
        describe_scope(scope, experiment),
        transition,
        find_names(client, transition),
    )
    if manner.is_dry_run and transition.is_change:
        output.say("nothing was changed: this was a dry run")


def find_names(client: MlflowClient, transition: Transition) -> dict[str, str]:
    """Return the names of the runs that change, by id, of those that are still there."""
    ids = [step.run_id for step in transition.steps()]
    found = find_runs(client, transition.after.experiment_id, ids)
    return {run_id: run.info.run_name for run_id, run in found.items()}
