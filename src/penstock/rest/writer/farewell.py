"""What somebody is told of items that are not on the server. Pure."""

from penstock.errors import PenstockError, QueueFull, TransportError, Unsent


def closed() -> TransportError:
    """Return the error for what comes too late."""
    return TransportError("this client has been closed; make a new one")


def unsent(count: int, problem: PenstockError | None) -> Unsent:
    """Return the error for a wait that ended too early."""
    return Unsent(
        f"{_items(count)} not on the server yet{_because(problem)}; what waits is sent as soon as "
        "the server takes it",
        "TEMPORARILY_UNAVAILABLE",
    )


def given_up(problem: PenstockError | None) -> Unsent:
    """Return the error for what was not sent before its client was closed."""
    return Unsent(
        f"this was not sent before the client was closed{_because(problem)}; unless it lies in a "
        "spool, it is lost",
        "TEMPORARILY_UNAVAILABLE",
    )


def queue_full(
    count: int, problem: PenstockError | None, trouble: PenstockError | None
) -> QueueFull:
    """Return the error for an item that nobody has room for."""
    spool = f"the spool takes no more ({trouble})" if trouble else "give the client a spool="
    return QueueFull(
        f"{_items(count)} waiting for the server{_because(problem)}; what is logged now is "
        f"dropped: {spool}, or raise queue_size=",
        "RESOURCE_EXHAUSTED",
    )


def farewell(
    lost: int, kept: int, folder: str, *, refused: int, problem: PenstockError | None
) -> str | None:
    """Return what is to be said when a client leaves; None if the server has all."""
    told = []
    if lost:
        told.append(f"{_items(lost)} lost")
    if kept:
        told.append(f"{_items(kept)} left in the spool")
    if refused:
        told.append(f"{_items(refused, 'was', 'were')} refused by the server")
    if not told:
        return None
    advice = f"; `penstock sync {folder}` sends what is left there" if kept else ""
    if lost and not folder:
        advice = "; a client with a spool= loses nothing"
    return ", ".join(told) + (_because(problem) if lost or kept else "") + advice


def _items(count: int, singular: str = "is", plural: str = "are") -> str:
    return f"1 logged item {singular}" if count == 1 else f"{count} logged items {plural}"


def _because(problem: PenstockError | None) -> str:
    return f" ({problem})" if problem else ""
