"""`penstock rollout set` and the other commands that change which runs are live."""

from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.options import AsJson, ServerUri
from penstock.cli.rollout.completion import complete_shares
from penstock.cli.rollout.manner import Manner
from penstock.cli.rollout.options import (
    Experiment,
    ExperimentId,
    IsAgreed,
    IsDryRun,
    Note,
    Run,
    Submodel,
    Version,
)
from penstock.cli.rollout.which import Which

if TYPE_CHECKING:
    from penstock.cli.rollout.asked import RunChange


def set_shares(
    shares: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN=SHARE…",
            help="Such as 0f1e2d3c=0.8 77ab12cd=0.2; 8 and 2 say the same.",
            autocompletion=complete_shares,
        ),
    ],
    *,
    version: Version = None,
    experiment: Experiment = None,
    experiment_id: ExperimentId = None,
    submodel: Submodel = None,
    note: Note = None,
    is_dry_run: IsDryRun = False,
    is_agreed: IsAgreed = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Make the named runs the Active ones, with these shares of the traffic.

    A share of 0 disables a run; Active and Canary runs that are not named become Disabled.
    Experiment, submodel and version follow from the runs; options that say another are refused.
    """
    from penstock.cli.rollout.asked import parse_shares, share_out  # noqa: PLC0415 - quick help
    from penstock.cli.rollout.consent import carry_out  # noqa: PLC0415 - the same

    parsed = parse_shares(shares)
    which = Which(experiment, experiment_id, submodel, version)
    carry_out(
        lambda client: share_out(client, parsed, which),
        Manner(is_dry_run, is_agreed, as_json, uri, note),
    )


def enable(
    run: Run,
    *,
    fraction: Annotated[
        float | None,
        typer.Option(
            metavar="FRACTION",
            help="Give it this much alone; the other Active runs share the rest.",
            show_default="1, and the others become Disabled",
        ),
    ] = None,
    experiment: Experiment = None,
    note: Note = None,
    is_dry_run: IsDryRun = False,
    is_agreed: IsAgreed = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Make a run the one Active run of its version."""
    from penstock.cli.rollout.asked import enabling  # noqa: PLC0415 - `--help` stays quick

    manner = Manner(is_dry_run, is_agreed, as_json, uri, note)
    _change_run(run, experiment, enabling(fraction), manner=manner)


def disable(
    run: Run,
    *,
    experiment: Experiment = None,
    note: Note = None,
    is_dry_run: IsDryRun = False,
    is_agreed: IsAgreed = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Take a run out of use; the other Active runs share its fraction, in proportion.

    The run may have been deleted in MLflow meanwhile.
    """
    from penstock.rollout import changes  # noqa: PLC0415 - `--help` stays quick

    manner = Manner(is_dry_run, is_agreed, as_json, uri, note)
    _change_run(run, experiment, changes.take_out, manner=manner, is_deleted_fine=True)


def canary(
    run: Run,
    *,
    experiment: Experiment = None,
    note: Note = None,
    is_dry_run: IsDryRun = False,
    is_agreed: IsAgreed = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Let a run see production's requests without answering them."""
    from penstock.rollout import changes  # noqa: PLC0415 - `--help` stays quick

    manner = Manner(is_dry_run, is_agreed, as_json, uri, note)
    _change_run(run, experiment, changes.canary_run, manner=manner)


def reset(
    run: Run,
    *,
    experiment: Experiment = None,
    note: Note = None,
    is_dry_run: IsDryRun = False,
    is_agreed: IsAgreed = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Make a run New again, as if nobody had judged it yet; the others share its fraction."""
    from penstock.rollout import changes  # noqa: PLC0415 - `--help` stays quick

    manner = Manner(is_dry_run, is_agreed, as_json, uri, note)
    _change_run(run, experiment, changes.reset_run, manner=manner)


def rollback(
    revision: Annotated[int, typer.Argument(metavar="REVISION", help="Number of the revision.")],
    *,
    version: Version = None,
    experiment: Experiment = None,
    experiment_id: ExperimentId = None,
    submodel: Submodel = None,
    note: Note = None,
    is_dry_run: IsDryRun = False,
    is_agreed: IsAgreed = False,
    as_json: AsJson = False,
    uri: ServerUri = None,
) -> None:
    """Make the runs of an earlier revision live again, with its shares, as a new revision."""
    from penstock.cli.rollout.asked import go_back  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.consent import carry_out  # noqa: PLC0415 - the same

    which = Which(experiment, experiment_id, submodel, version)
    carry_out(
        lambda client: go_back(client, revision, which),
        Manner(is_dry_run, is_agreed, as_json, uri, note),
    )


def _change_run(
    run: str,
    experiment: str | None,
    change: "RunChange",
    *,
    manner: Manner,
    is_deleted_fine: bool = False,
) -> None:
    from penstock.cli.rollout.asked import change_run  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.rollout.consent import carry_out  # noqa: PLC0415 - the same
    from penstock.cli.rollout.run_ids import Named  # noqa: PLC0415 - the same

    named = Named((run,), is_deleted_fine)
    carry_out(lambda client: change_run(client, named, Which(experiment), change=change), manner)
