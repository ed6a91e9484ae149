"""A client with a spool loses nothing that it has taken."""

import json
import os
import stat
import subprocess

import pytest

from contract.rest.writer.programs import KILLED, names, run, sync
from contract.rest.writer.tiny_mlflow import Odd, tiny_mlflow
from penstock import MlflowClient
from penstock.errors import SpoolError
from penstock.rest._connection import resolve_connections
from penstock.rest.spool.folder import SpoolFolder
from penstock.rest.spool.frame import make_frame
from penstock.rest.spool.sync import SpoolSync
from servers import clean_environment, penstock, wait_until
from terminals import at_terminal


def log(client, values, key="m", run_id="r"):
    return [
        client.log_metric(run_id, key, value, step=value, synchronous=False) for value in values
    ]


def journals(spool):
    return sorted(spool.glob("*.journal"))


def hasty_sync(spool):
    """Do what the command does, for a server that is known to be away."""
    sender = SpoolSync(SpoolFolder(spool), lambda uri: resolve_connections(uri).tracking, limit=0.3)
    return sender.run()


def test_the_folder_is_its_owners_alone(tiny, spool):
    """And so are the journals in it."""
    with MlflowClient(tiny.url, spool=spool) as client:
        log(client, [1])
        assert 0o700 == stat.S_IMODE(spool.stat().st_mode)
        assert [0o600] == [stat.S_IMODE(path.stat().st_mode) for path in journals(spool)]


def test_a_spool_that_everything_was_sent_from_is_empty(tiny, spool):
    """Its client has tidied up."""
    with MlflowClient(tiny.url, spool=spool) as client:
        log(client, range(3000))
        client.set_tag("r", "t", 1, synchronous=False)
        client.set_tag("r", "u", 1)
    assert list(range(3000)) == tiny.history("r")
    assert [] == names(spool)


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere"])
def test_a_folder_that_cannot_be_made_is_an_error_at_once(tiny, tmp_path, place):
    """Not when the first metric is lost."""
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match="cannot use the spool"):
        MlflowClient(tiny.url, spool=tmp_path / place)


def test_a_client_that_is_killed_loses_nothing(tiny, spool):
    """What it logged while the server was away is sent by `penstock sync`."""
    tiny.stop()
    assert -9 == run(KILLED, tiny.url, spool, 0, 3000).returncode
    assert 1 == len(journals(spool))
    tiny.start()
    ended = sync(spool)
    assert (0, "") == (ended.returncode, ended.stderr)
    assert ended.stdout.endswith("3000 sent, 0 left\n")
    assert list(range(3000)) == tiny.history("r")
    assert [] == names(spool)


def test_a_client_that_is_killed_while_it_sends_loses_and_doubles_nothing(tiny, spool):
    """Whatever the server had already taken."""
    tiny.disturb = lambda _endpoint, _body: Odd(503, {}) if len(tiny.history("r")) > 1500 else None
    assert -9 == run(KILLED, tiny.url, spool, 0, 4000).returncode
    tiny.disturb = lambda _endpoint, _body: None
    assert 0 == sync(spool).returncode
    assert list(range(4000)) == sorted(tiny.history("r"))
    assert [] == names(spool)


def test_several_processes_share_a_spool(tiny, spool):
    """Each with a journal of its own; those of the living are left alone."""
    tiny.stop()
    with MlflowClient(tiny.url, spool=spool, flush_timeout=20) as client:
        log(client, range(10_000, 10_010))
        for number in range(3):
            run(KILLED, tiny.url, spool, 1000 * number, 1000 * number + 500)
        assert 4 == len(journals(spool))
        (in_use,) = [one for one in hasty_sync(spool) if one.is_in_use]
        assert 10 == in_use.left
        tiny.start()
        wait_until(lambda: len(tiny.history("r")) == 10)
        first = sync(spool)
    assert "in use by a living process" in first.stdout
    expected = [step for number in range(3) for step in range(1000 * number, 1000 * number + 500)]
    assert [*expected, *range(10_000, 10_010)] == sorted(tiny.history("r"))
    assert (0, f"nothing is left in {spool}\n") == (sync(spool).returncode, sync(spool).stdout)


def test_leaving_tells_how_much_stays(tiny, spool, caplog):
    """When the server takes nothing."""
    tiny.stop()
    with MlflowClient(tiny.url, spool=spool, flush_timeout=0.2) as client:
        log(client, range(7))
    assert "7 logged items are left in the spool" in caplog.text
    assert f"`penstock sync {spool}` sends what is left there" in caplog.text
    assert "lost" not in caplog.text
    tiny.start()
    assert 0 == sync(spool).returncode
    assert list(range(7)) == tiny.history("r")


def test_a_spool_takes_what_the_queue_has_no_room_for(tiny, spool):
    """Nobody is held back, the order is kept, and the operations are told."""
    tiny.stop()
    with MlflowClient(tiny.url, spool=spool, queue_size=50) as client:
        operations = log(client, range(2000))
        del operations[100:1900]
        assert client._writing._writer._backlog._held == 50
        tiny.start()
        for operation in operations:
            operation.wait()
        client.flush()
        log(client, range(2000, 2010))
        client.flush()
    assert list(range(2010)) == tiny.history("r")
    assert {1} == set(tiny.times_sent.values())
    assert [] == names(spool)


def test_what_overflowed_survives_a_kill(tiny, spool):
    """The journal holds all of it."""
    program = KILLED.replace("spool=sys.argv[2]", "spool=sys.argv[2], queue_size=10")
    tiny.stop()
    run(program, tiny.url, spool, 0, 500)
    tiny.start()
    assert 0 == sync(spool).returncode
    assert list(range(500)) == tiny.history("r")


def test_a_refused_login_leaves_the_items_in_the_spool(tiny, spool, caplog):
    """The right login sends them."""
    tiny.disturb = lambda _endpoint, _body: Odd(401, {"error_code": "UNAUTHENTICATED"})
    with MlflowClient(tiny.url, spool=spool) as client:
        log(client, range(5))
        client.flush()
        assert 5 == len(client.failures)
    assert "5 logged items are left in the spool" in caplog.text
    refused = sync(spool)
    assert 1 == refused.returncode
    assert "401 UNAUTHENTICATED" in refused.stderr
    assert "0 sent, 5 left" in refused.stdout
    tiny.disturb = lambda _endpoint, _body: None
    assert 0 == sync(spool).returncode
    assert list(range(5)) == tiny.history("r")


def test_what_is_refused_for_ever_does_not_stay(tiny, spool):
    """A client tells of it by its failures, a sync on standard error."""
    with MlflowClient(tiny.url, spool=spool) as client:
        log(client, range(5), key="b(d)")
        log(client, range(5))
        client.flush()
    assert [] == names(spool)
    tiny.stop()
    program = KILLED.replace('"m", step,', '"b(d)" if step % 5 == 0 else "m", step,')
    run(program, tiny.url, spool, 10, 30)
    tiny.start()
    ended = sync(spool)
    assert 1 == ended.returncode
    assert "16 sent, 4 refused, 0 left" in ended.stdout
    assert 4 == ended.stderr.count("metric 'b(d)' of run r was refused: ")
    assert [] == names(spool)
    assert 21 == len(tiny.history("r"))


def test_a_tag_that_was_set_again_is_not_set_back(tiny, spool):
    """By the process that died with the old value, or by another one, at once or later."""
    program = """
import os, signal, sys
from penstock import MlflowClient

client = MlflowClient(sys.argv[1], spool=sys.argv[2])
for name in ("own", "late", "now", "gone", "alone"):
    client.set_tag("r", name, "old", synchronous=False)
client.set_tag("r", "own", "new", synchronous=False)
os.kill(os.getpid(), signal.SIGKILL)
"""
    tiny.stop()
    run(program, tiny.url, spool)
    tiny.start()
    with MlflowClient(tiny.url, spool=spool) as client:
        client.set_tag("r", "late", "new", synchronous=False)
        client.set_tag("r", "now", "new")
        client.set_tag("r", "gone", "new")
        client.delete_tag("r", "gone")
    tiny.tag_values.clear()
    ended = sync(spool)
    assert (0, "") == (ended.returncode, ended.stderr)
    assert "2 sent, 4 superseded, 0 left" in ended.stdout
    assert [("own", "new"), ("alone", "old")] == sorted(tiny.tag_values, reverse=True)
    assert {"own": "new", "late": "new", "now": "new", "alone": "old"} == tiny.tags["r"]
    assert [] == names(spool)


def test_sync_sends_where_it_is_told(spool):
    """Instead of where the journal says, with the login of the environment."""
    run(KILLED, "http://u:hunter2@127.0.0.1:9", spool, 0, 5)
    assert b"hunter2" not in journals(spool)[0].read_bytes()
    assert b"http://127.0.0.1:9" in journals(spool)[0].read_bytes()
    with tiny_mlflow() as other:
        ended = sync(spool, "--to", other.url, MLFLOW_TRACKING_TOKEN="secret-token")
        assert 0 == ended.returncode, ended.stderr
        assert list(range(5)) == other.history("r")
        assert {"Bearer secret-token"} == other.logins


def test_sync_gives_up_on_a_server_that_is_away(tiny, spool):
    """What it could not send is left, and said to be."""
    run(KILLED, "http://127.0.0.1:9", spool, 0, 5)
    run(KILLED, tiny.url, spool, 5, 10)
    away, there = hasty_sync(spool)
    assert (0, 5, False) == (away.sent, away.left, away.is_settled)
    assert "no server answers" in away.problem
    assert (5, 0, True) == (there.sent, there.left, there.is_settled)
    assert 1 == len(journals(spool))


def test_a_torn_end_is_cut_off_before_anything_is_noted_behind_it(tiny, spool):
    """Or the next sync would take its rest for damage."""
    run(KILLED, "http://127.0.0.1:9", spool, 0, 10)
    (path,) = journals(spool)
    long = b'["t","r",11,{"key":"t","value":"' + b"x" * 4000 + b'"},1]'
    with path.open("ab") as file:
        file.write(make_frame(long)[:-1])
    tiny.disturb = lambda _endpoint, body: Odd(403, {}) if body.get("metrics") else None
    first = sync(spool, "--to", tiny.url)
    tiny.disturb = lambda _endpoint, _body: None
    second = sync(spool, "--to", tiny.url)
    assert (1, 0) == (first.returncode, second.returncode)
    assert "10 sent, 0 left" in second.stdout
    assert "damaged" not in first.stderr + second.stderr
    assert [] == names(spool)


def test_sync_shows_its_progress_at_a_terminal(tiny, spool):
    """And then what became of each journal."""
    run(KILLED, tiny.url, spool, 0, 5)
    with at_terminal(penstock("sync", str(spool)), spool, clean_environment()) as terminal:
        terminal.read_until(b"5 sent, 0 left")
    assert b"sending" in terminal.shown
    assert [] == names(spool)


def test_a_small_queue_is_no_reason_to_wait(tiny, spool):
    """What overflowed is sent as fast as the server takes it."""
    with MlflowClient(tiny.url, spool=spool, queue_size=20) as client:
        log(client, range(1000))
        wait_until(lambda: len(tiny.history("r")) >= 980, timeout=4)
    assert list(range(1000)) == tiny.history("r")


def test_sync_tells_scripts_in_json(tiny, spool):
    """One document, whatever happened."""
    run(KILLED.replace('"m"', '"b(d)"'), tiny.url, spool, 0, 2)
    ended = sync(spool, "--json")
    document = json.loads(ended.stdout)
    (journal,) = document["journals"]
    (first, second) = journal.pop("listed")
    assert (1, "", False) == (ended.returncode, ended.stderr, document["ok"])
    assert (str(spool), 2, 0) == (document["folder"], journal["refused"], journal["left"])
    assert ("r", "metric", "b(d)") == (first["run_id"], first["kind"], second["key"])
    assert {"ok": True, "folder": str(spool), "journals": []} == json.loads(
        sync(spool, "--json").stdout
    )


def test_sync_needs_a_folder(tmp_path):
    """A wrong name is no success."""
    ended = sync(tmp_path / "nowhere")
    assert 1 == ended.returncode
    assert f"there is no spool {tmp_path}/nowhere" in ended.stderr


def test_sync_tells_of_damage(tiny, spool):
    """All else is sent; the damaged journal stays, and fails the command."""
    run(KILLED, "http://127.0.0.1:9", spool, 0, 10)
    (path,) = journals(spool)
    content = bytearray(path.read_bytes())
    place = content.index(b'"step":4')
    content[place : place + 3] = b"???"
    path.write_bytes(content)
    for sent in (9, 0):
        ended = sync(spool, "--to", tiny.url)
        assert 1 == ended.returncode
        assert f"{sent} sent, 0 left" in ended.stdout
        assert "are damaged" in ended.stderr
        assert str(path) in ended.stderr
    assert [step for step in range(10) if step != 4] == tiny.history("r")


def test_a_full_disk_is_told_of_and_stops_nothing(tiny, spool):
    """The first item that finds no room is an error to its caller, and is sent from memory."""
    program = """
import resource, sys
from penstock import MlflowClient
from penstock.errors import SpoolError

client = MlflowClient(sys.argv[1], spool=sys.argv[2], flush_timeout=20)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
told = []
for step in range(200):
    try:
        client.log_metric("r", "m", step, step=step, synchronous=False)
    except SpoolError as error:
        told.append(str(error))
print(len(told), told[0])
client.close()
"""
    ended = run(program, tiny.url, spool)
    assert ended.stdout.startswith("1 cannot write to the spool ")
    assert "File too large" in ended.stdout
    assert "in memory alone" in ended.stdout
    assert list(range(200)) == tiny.history("r")
    assert [] == names(spool)


def test_a_full_disk_leaves_whole_records(tiny, spool):
    """What fitted is sent by a sync, and nothing half."""
    program = """
import os, resource, sys
from penstock import MlflowClient
from penstock.errors import SpoolError

client = MlflowClient(sys.argv[1], spool=sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
for step in range(200):
    try:
        client.log_metric("r", "m", step, step=step, synchronous=False)
    except SpoolError:
        print(step, flush=True)
os.kill(os.getpid(), 9)
"""
    tiny.stop()
    ended = run(program, tiny.url, spool)
    fitted = int(ended.stdout)
    tiny.start()
    assert 0 == sync(spool).returncode
    assert list(range(fitted)) == tiny.history("r")


def test_a_full_disk_and_a_full_queue_are_an_error(tiny, spool):
    """Which says both."""
    program = """
import resource, sys
from penstock import MlflowClient
from penstock.errors import QueueFull, SpoolError

client = MlflowClient(sys.argv[1], spool=sys.argv[2], flush_timeout=0.2, queue_size=100)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
for step in range(200):
    try:
        client.log_metric("r", "m", step, step=step, synchronous=False)
    except SpoolError:
        pass
    except QueueFull as full:
        print(step, full)
        break
client.close()
"""
    tiny.stop()
    ended = run(program, tiny.url, spool)
    assert ended.stdout.startswith("100 100 logged items are waiting"), ended.stderr
    assert "the spool takes no more" in ended.stdout
    assert "logged items are lost" in ended.stderr


def test_a_folder_that_vanishes_is_told_of(tiny, spool):
    """The next journal has nowhere to be."""
    with MlflowClient(tiny.url, spool=spool) as client:
        spool.rmdir()
        with pytest.raises(SpoolError, match="cannot write to the spool"):
            log(client, [1])
        log(client, [2])
        spool.mkdir()
        log(client, [3])
        assert 1 == len(journals(spool))
    assert [1, 2, 3] == tiny.history("r")


def test_a_journal_does_not_grow_for_ever(tiny, spool, monkeypatch):
    """What is sent leaves it, also when there is always something left to send."""
    monkeypatch.setattr("penstock.rest.spool.journal.COMPACT_BYTES", 200_000)
    sizes = []

    def watch(_endpoint, _body):
        sizes.extend(path.stat().st_size for path in journals(spool))

    with MlflowClient(tiny.url, spool=spool) as client:
        tiny.disturb = watch
        for start in range(0, 30_000, 1000):
            log(client, range(start, start + 1000))
            wait_until(lambda start=start: len(tiny.history("r")) >= start - 1500)
            client.set_tag("r", "t", start, synchronous=False)
    assert max(sizes) < 1_000_000
    assert list(range(30_000)) == tiny.history("r")
    assert {1} == set(tiny.times_sent.values())


def test_a_client_without_a_spool_writes_no_file(tiny, tmp_path):
    """Not even in the working directory."""
    with MlflowClient(tiny.url) as client:
        log(client, range(100))
    assert [] == names(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_disk_without_space(tiny, tmp_path):
    """A small file system that is really full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=True)
    try:
        with MlflowClient(tiny.url, spool=disk / "spool") as client:
            told = []
            for step in range(2000):
                try:
                    log(client, [step])
                except SpoolError as error:
                    told.append(str(error))
        assert told
        assert all("No space left on device" in text for text in told)
        assert list(range(2000)) == tiny.history("r")
        assert [] == names(disk / "spool")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
