from penstock.errors import MlflowException, Unauthenticated
from penstock.rest.writer.delivery import Refusal
from penstock.rest.writer.refused_items import RefusedItems
from unit.rest.writer.items import metric, numbered, param

NO = MlflowException("no, 'secret'", "INVALID_PARAMETER_VALUE", status=400)


def test_they_are_listed_in_the_order_in_which_they_were_logged():
    """However they were found, and only the last thousand."""
    refused = RefusedItems()
    items = numbered([metric(1, f"k{number}") for number in range(1500)])
    refused.add([Refusal([item], NO, is_final=True) for item in reversed(items)])
    assert [f"k{number}" for number in range(500, 1500)] == [item.key for item in refused.list()]
    assert 1500 == refused.count


def test_a_hundred_reasons_are_logged(caplog):
    """Then one line says that there are more."""
    refused = RefusedItems()
    items = numbered([metric(1, f"k{number}") for number in range(150)])
    refused.add([Refusal([item], NO, is_final=True) for item in items])
    refused.add([Refusal([item], NO, is_final=True) for item in items])
    assert 100 == caplog.text.count("was refused")
    assert 1 == caplog.text.count("more of it is only listed")


def test_what_was_refused_is_named(caplog):
    """One item, several of one key, or a whole batch."""
    refused = RefusedItems()
    refused.add([Refusal([metric(1)], NO, is_final=True)])
    refused.add([Refusal([metric(1, "n"), metric(2, "n")], NO, is_final=True)])
    login = Unauthenticated("who are you?", "UNAUTHENTICATED", status=401)
    refused.add([Refusal([metric(1), param("p")], login, is_final=False)])
    assert "metric 'm' of run r was refused" in caplog.text
    assert "2 values of metric 'n' of run r were refused" in caplog.text
    assert "2 items of run r were refused" in caplog.text
    assert "who are you?" in caplog.text


def test_the_words_of_a_refusal_are_logged_for_metrics_alone(caplog):
    """Those for a param may quote its value; long ones are cut."""
    refused = RefusedItems()
    refused.add([Refusal([param("p")], NO, is_final=True)])
    assert "secret" not in caplog.text
    assert "INVALID_PARAMETER_VALUE" in caplog.text
    long = MlflowException("x" * 10_000, "BAD_REQUEST", status=400)
    refused.add([Refusal([metric(1)], long, is_final=True)])
    assert len(caplog.text) < 2000
