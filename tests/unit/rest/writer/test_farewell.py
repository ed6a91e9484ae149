import pytest

from penstock.errors import SpoolError, TransportError
from penstock.rest.writer.farewell import farewell, given_up, queue_full, unsent

AWAY = TransportError("nobody is there")


@pytest.mark.parametrize(
    ("lost", "kept", "refused", "expected"),
    [
        (0, 0, 0, None),
        (1, 0, 0, "1 logged item is lost (nobody is there); a client with a spool= loses nothing"),
        (
            0,
            2,
            0,
            (
                "2 logged items are left in the spool (nobody is there); "
                "`penstock sync /spool` sends what is left there"
            ),
        ),
        (
            3,
            2,
            1,
            (
                "3 logged items are lost, 2 logged items are left in the spool, "
                "1 logged item was refused by the server (nobody is there); "
                "`penstock sync /spool` sends what is left there"
            ),
        ),
        (0, 0, 5, "5 logged items were refused by the server"),
    ],
)
def test_the_end_says_what_the_server_has_not(lost, kept, refused, expected):
    """And what to do about it; nothing if it has all."""
    folder = "/spool" if kept else ""
    assert expected == farewell(lost, kept, folder, refused=refused, problem=AWAY)


def test_errors_say_how_many_wait_and_why():
    """And what comes next."""
    assert str(unsent(1, None)).startswith("1 logged item is not on the server yet; what waits")
    assert "(nobody is there)" in str(unsent(2, AWAY))
    assert "(nobody is there)" in str(given_up(AWAY))
    assert "give the client a spool=, or raise queue_size=" in str(queue_full(5, AWAY, None))
    assert "takes no more (full)" in str(queue_full(5, AWAY, SpoolError("full")))
