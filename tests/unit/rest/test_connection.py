import pytest

from penstock.errors import ConfigurationError
from penstock.rest._address import parse_address
from penstock.rest._connection import Timeouts, resolve_connections
from penstock.rest._credentials import Credentials

URI = "http://mlflow.example:5000"


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    """No settings but those of the test: an empty folder, home and environment."""
    for name in ("TRACKING_URI", "REGISTRY_URI", "API_BASE_URL", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
    for name in ("USERNAME", "PASSWORD", "TOKEN", "INSECURE_TLS", "SERVER_CERT_PATH"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TIMEOUT", "MAX_RETRIES"):
        monkeypatch.delenv(f"MLFLOW_HTTP_REQUEST_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def basic(username: str, password: str) -> Credentials:
    return Credentials.from_password(username, password)


@pytest.mark.parametrize(
    ("uri", "base_url"),
    [
        ("http://host", "http://host"),
        ("http://host:5000/", "http://host:5000"),
        ("HTTPS://host/mlflow/", "https://host/mlflow"),
        ("http://host/api/2.0", "http://host"),
        ("http://host/prefix/api/2.0/", "http://host/prefix"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("  http://host  ", "http://host"),
        ("http://user:secret@host:1", "http://host:1"),
        ("http://host/my path%20é", "http://host/my%20path%20%C3%A9"),
    ],
)
def test_an_address_is_brought_into_one_form(uri, base_url):
    """Slashes at the end, the API's suffix and a login do not belong to the address."""
    assert base_url == parse_address(uri, "test").base_url


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "host:5000",
        "sqlite:///mlflow.db",
        "file:///tmp/mlruns",
        "databricks",
        "./mlruns",
        "http://",
        "http://:5000",
        "http://host:0",
        "http://host:port",
        "http://host:99999",
        "http://[::1",
        "http://host?x=1",
        "http://host#x",
        "http://ho st",
        "http://ho\\st",
        "http://%68ost",
        5,
        b"http://host",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(uri):
    """The message names the setting and the right form."""
    with pytest.raises(ConfigurationError, match=r"MLFLOW_TRACKING_URI.*http://host:port"):
        parse_address(uri, "MLFLOW_TRACKING_URI")


@pytest.mark.parametrize(
    "uri", ["postgresql://u:hunter2@db/x", "http://u:hunter2@h:port", "http://u:hunter2@[::1"]
)
def test_a_refused_address_is_not_repeated(uri):
    """It may hold a password."""
    with pytest.raises(ConfigurationError) as refusal:
        parse_address(uri, "MLFLOW_TRACKING_URI")
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_without_a_server_the_settings_to_set_are_named():
    """Nothing is guessed."""
    with pytest.raises(ConfigurationError, match="MLFLOW_TRACKING_URI"):
        resolve_connections()


def test_the_environment_names_the_server(settings):
    """MLflow's own variable counts before the base URL of the API."""
    settings.setenv("MLFLOW_API_BASE_URL", "http://second/api/2.0")
    assert "http://second" == resolve_connections().tracking.base_url
    settings.setenv("MLFLOW_TRACKING_URI", "http://first")
    assert "http://first" == resolve_connections().tracking.base_url
    assert "http://argument" == resolve_connections("http://argument").tracking.base_url


def test_the_dotenv_file_names_the_server(tmp_path):
    """A project's `.env` is enough."""
    (tmp_path / ".env").write_text("MLFLOW_TRACKING_URI=http://from-file:5000\n")
    assert "http://from-file:5000" == resolve_connections().tracking.base_url


def test_an_unreadable_settings_file_is_a_configuration_error(tmp_path):
    """Not a ValueError, and not silence."""
    (tmp_path / "penstock.toml").write_text("= broken")
    with pytest.raises(ConfigurationError, match=r"penstock\.toml"):
        resolve_connections(URI)


def test_the_registry_is_the_tracking_server_unless_named(settings):
    """As in MLflow: argument, then setting, then the tracking server."""
    tracking, registry = resolve_connections(URI)
    assert tracking == registry
    settings.setenv("MLFLOW_REGISTRY_URI", "http://registry")
    assert "http://registry" == resolve_connections(URI).registry.base_url
    assert "http://other" == resolve_connections(URI, "http://other").registry.base_url


def test_settings_hold_credentials_and_mlflows_own_names_win(settings):
    """The names of both kinds mean the same."""
    settings.setenv("MLFLOW_USERNAME", "second")
    settings.setenv("MLFLOW_PASSWORD", "pass2")
    assert basic("second", "pass2") == resolve_connections(URI).tracking.credentials
    settings.setenv("MLFLOW_TRACKING_USERNAME", "first")
    settings.setenv("MLFLOW_TRACKING_PASSWORD", "pass1")
    assert basic("first", "pass1") == resolve_connections(URI).tracking.credentials


def test_a_token_counts_after_a_whole_login(settings):
    """As in MLflow; half a login does not count."""
    settings.setenv("MLFLOW_TRACKING_TOKEN", "t0ken")
    settings.setenv("MLFLOW_TRACKING_USERNAME", "user")
    assert Credentials.from_token("t0ken") == resolve_connections(URI).tracking.credentials
    settings.setenv("MLFLOW_TRACKING_PASSWORD", "pass")
    assert basic("user", "pass") == resolve_connections(URI).tracking.credentials


def test_arguments_count_before_the_uri_and_that_before_the_settings(settings):
    """The nearest proof of identity is meant."""
    settings.setenv("MLFLOW_TRACKING_TOKEN", "t0ken")
    uri = "http://in%40uri:p%3Ass@host"
    assert basic("in@uri", "p:ss") == resolve_connections(uri).tracking.credentials
    given = resolve_connections(uri, username="u", password="p").tracking.credentials
    assert basic("u", "p") == given
    assert Credentials.from_token("x") == resolve_connections(uri, token="x").tracking.credentials


def test_a_missing_half_of_an_argument_comes_from_the_settings(settings):
    """A password from the environment need not be repeated in code."""
    settings.setenv("MLFLOW_TRACKING_PASSWORD", "pass")
    assert basic("u", "pass") == resolve_connections(URI, username="u").tracking.credentials


def test_half_a_login_as_arguments_is_refused():
    """The message says which half is missing, and where to set it."""
    with pytest.raises(ConfigurationError, match=r"password is missing.*MLFLOW_TRACKING_PASSWORD"):
        resolve_connections(URI, username="u")
    with pytest.raises(ConfigurationError, match="user name is missing"):
        resolve_connections(URI, password="p")


def test_token_and_login_together_are_refused():
    """Nobody could tell which one is sent."""
    with pytest.raises(ConfigurationError, match="not both"):
        resolve_connections(URI, token="t", username="u", password="p")


def test_mlflows_file_of_credentials_is_read(tmp_path, settings):
    """What `mlflow` finds there, this client finds too; the environment wins."""
    (tmp_path / ".mlflow").mkdir()
    file = tmp_path / ".mlflow" / "credentials"
    file.write_text("[mlflow]\nmlflow_tracking_username = u\nmlflow_tracking_password = p%1\n")
    assert basic("u", "p%1") == resolve_connections(URI).tracking.credentials
    settings.setenv("MLFLOW_TRACKING_USERNAME", "other")
    assert basic("other", "p%1") == resolve_connections(URI).tracking.credentials


def test_a_broken_file_of_credentials_is_not_quoted(tmp_path):
    """A parser's message would show a line with the password."""
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text("hunter2\n")
    with pytest.raises(ConfigurationError, match=r"\.mlflow/credentials") as refusal:
        resolve_connections(URI)
    assert "hunter2" not in str(refusal.value)


def test_a_login_in_one_uri_is_not_sent_to_another_server():
    """What belongs to the tracking server stays there."""
    _, registry = resolve_connections("http://u:p@tracking", "http://registry")
    assert registry.credentials is None


def test_a_login_in_one_uri_is_used_for_the_same_server():
    """Naming the same server twice needs no second login."""
    _, registry = resolve_connections("http://u:p@host:5000", "http://host:5000/registry")
    assert basic("u", "p") == registry.credentials


def test_credentials_of_the_settings_go_to_both_servers(settings):
    """As in MLflow."""
    settings.setenv("MLFLOW_TRACKING_TOKEN", "t")
    tracking, registry = resolve_connections(URI, "http://registry")
    assert tracking.credentials == registry.credentials == Credentials.from_token("t")


@pytest.mark.parametrize("token", ["line\nbreak", "zürich", "nul\0"])
def test_a_token_that_no_header_can_carry_is_refused(token):
    """Before it is sent, and without repeating it."""
    with pytest.raises(ConfigurationError, match="MLFLOW_TRACKING_TOKEN") as refusal:
        resolve_connections(URI, token=token)
    assert token not in str(refusal.value)


def test_a_password_may_hold_any_character():
    """It is sent as UTF-8, as MLflow does."""
    assert "Basic w7xzZXI6cMOkc3M6d8O2cmQ=" == basic("üser", "päss:wörd").authorization


def test_timeouts_come_from_the_argument_or_mlflows_variable(settings):
    """A single number bounds both waits; a pair names each."""
    assert Timeouts(10, 120) == resolve_connections(URI).tracking.timeouts
    settings.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "7")
    assert Timeouts(7, 7) == resolve_connections(URI).tracking.timeouts
    assert Timeouts(3, 3) == resolve_connections(URI, timeout=3).tracking.timeouts
    assert Timeouts(60, 3) == resolve_connections(URI, timeout=(60, 3)).tracking.timeouts


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), (1, 0)])
def test_a_timeout_that_never_ends_or_never_begins_is_refused(timeout):
    """A client without a timeout hangs one day."""
    with pytest.raises(ConfigurationError, match="timeout"):
        resolve_connections(URI, timeout=timeout)


def test_retries_come_from_the_argument_or_mlflows_variable(settings):
    """None at all is a choice, too."""
    settings.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    assert 2 == resolve_connections(URI).tracking.retries
    assert 0 == resolve_connections(URI, retries=0).tracking.retries
    with pytest.raises(ConfigurationError, match="retries"):
        resolve_connections(URI, retries=-1)


@pytest.mark.parametrize("name", ["MLFLOW_HTTP_REQUEST_TIMEOUT", "MLFLOW_HTTP_REQUEST_MAX_RETRIES"])
def test_a_setting_that_is_no_number_is_named(settings, name):
    """The message says which one."""
    settings.setenv(name, "many")
    with pytest.raises(ConfigurationError, match=name):
        resolve_connections(URI)


def test_certificates_are_believed_as_the_variables_say(settings, tmp_path):
    """MLflow's own variable counts before those of other programs."""
    first, second = tmp_path / "first.pem", tmp_path / "second.pem"
    for file in (first, second):
        file.touch()
    uri = "https://host"
    assert resolve_connections(uri).tracking.trust.bundle is None
    settings.setenv("REQUESTS_CA_BUNDLE", str(second))
    assert str(second) == resolve_connections(uri).tracking.trust.bundle
    settings.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(first))
    assert str(first) == resolve_connections(uri).tracking.trust.bundle
    assert str(second) == resolve_connections(uri, verify=second).tracking.trust.bundle


def test_only_an_explicit_word_turns_the_check_of_certificates_off(settings):
    """By argument or by MLflow's variable; the argument counts."""
    uri = "https://host"
    assert resolve_connections(uri).tracking.trust.is_verified
    assert not resolve_connections(uri, verify=False).tracking.trust.is_verified
    settings.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    assert not resolve_connections(uri).tracking.trust.is_verified
    assert resolve_connections(uri, verify=True).tracking.trust.is_verified
    settings.setenv("MLFLOW_TRACKING_INSECURE_TLS", "false")
    assert resolve_connections(uri).tracking.trust.is_verified


def test_missing_certificates_are_told_at_once(settings):
    """With the name of the setting; where nothing is encrypted nobody needs them."""
    settings.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(ConfigurationError, match=r"REQUESTS_CA_BUNDLE.*/nowhere/ca\.pem"):
        resolve_connections("https://host")
    resolve_connections("http://host")
