"""Settings of providers, from wherever settings come."""

import pytest

from penstock.config import Config, load_config
from penstock.errors import ConfigurationError
from penstock.gateway.provider_settings import ProviderSettings, is_safe_address, read_providers
from penstock.gateway.settings import GatewaySettings

SECRET = "hunter2-and-more"
ISSUER = "https://id.example.org"
BASE = {"ISSUER": ISSUER, "CLIENT_ID": "penstock"}


def read(name: str = "CORP", /, **fields: str) -> tuple[ProviderSettings, ...]:
    return read_providers({f"PENSTOCK_OIDC_{name}_{key}": text for key, text in fields.items()})


def test_a_provider_is_read_from_variables():
    """Each field from its variable, below the provider's name."""
    (provider,) = read(
        **BASE,
        CLIENT_SECRET=SECRET,
        AUDIENCE="a b",
        SCOPES="openid groups",
        LABEL="Corp",
        CREATE_USERS="true",
        EMAIL_DOMAINS="Example.org b.c",
        LINK_BY_EMAIL="1",
        GROUPS_CLAIM="roles",
        CREATE_GROUPS="yes",
        ADMIN_GROUP="admins",
    )
    assert ("corp", ISSUER, "penstock", "Corp") == (
        provider.name,
        provider.issuer,
        provider.client_id,
        provider.title,
    )
    assert SECRET == provider.client_secret.get_secret_value()
    assert ({"a", "b"}, {"example.org", "b.c"}) == (provider.audiences, provider.domains)
    assert (True, True, True, "admins", "roles", "openid groups") == (
        provider.create_users,
        provider.link_by_email,
        provider.create_groups,
        provider.admin_group,
        provider.groups_claim,
        provider.scopes,
    )


def test_what_could_let_somebody_in_is_off():
    """An issuer and a client id let in those alone who have an account of this identity."""
    (provider,) = read(**BASE)
    assert (False, False, False, "") == (
        provider.create_users,
        provider.link_by_email,
        provider.create_groups,
        provider.admin_group,
    )
    assert ({"penstock"}, "corp") == (provider.audiences, provider.title)


def test_several_providers_come_by_name(tmp_path):
    """From tables, and from variables, which win; names may hold `_`, in TOML `-` as well."""
    (tmp_path / "penstock.toml").write_text(
        f'port = 1\n[oidc.my-corp]\nissuer = "{ISSUER}"\nclient_id = "x"\ncreate_users = true\n'
        '[oidc.ci]\nissuer = "https://ci.example.org"\naudience = "penstock"\n'
    )
    config = load_config({"PENSTOCK_OIDC_MY_CORP_CLIENT_ID": "y"}, tmp_path)
    settings = GatewaySettings.from_config(config)
    assert [("ci", "", False), ("my_corp", "y", True)] == [
        (one.name, one.client_id, one.create_users) for one in settings.oidc
    ]
    assert 1 == settings.port


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("oidc = 1", "'oidc' must be a table"),
        ("[oidc]\nissuer = 1", "'oidc.issuer' must be a table"),
        ("[oidc.a]\nscopes = ['openid']", "'oidc.a.scopes' must be text"),
        ("[oidc.a]\nx-y = 1\nx_y = 2", "two spellings"),
    ],
)
def test_a_table_of_another_form_is_told(tmp_path, text, what):
    """With the name of the file."""
    (tmp_path / "penstock.toml").write_text(text)
    with pytest.raises(ValueError, match=what):
        load_config({}, tmp_path)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("ISSUER", f"http://{SECRET}"),
        ("ISSUER", f"https://ann:{SECRET}@h"),
        ("ISSUER", f"https://h/?{SECRET}"),
        ("ISSUER", f"https://h/#{SECRET}"),
        ("ISSUER", f"https://h/{SECRET} x"),
        ("ISSUER", f"https://h/{SECRET}" + "x" * 255),
        ("ISSUER", f"ftp://{SECRET}"),
        ("ISSUER", SECRET),
        ("ISSUER", f"https://h:{SECRET}"),
        ("SCOPES", SECRET),
        ("CREATE_USERS", SECRET),
        ("LINK_BY_EMAIL", SECRET),
        ("CREATE_GROUPS", SECRET),
    ],
)
def test_a_wrong_setting_is_told_by_its_variable_alone(field, text):
    """Never by its value."""
    with pytest.raises(ConfigurationError, match=f"PENSTOCK_OIDC_CORP_{field}: ") as caught:
        read(**{**BASE, field: text})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"CLIENT_ID": "x"}, "PENSTOCK_OIDC_CORP_ISSUER: Field required"),
        ({"ISSUER": ISSUER}, "PENSTOCK_OIDC_CORP: needs a client_id, or an audience"),
        ({**BASE, "ISUER": "x"}, "did you mean PENSTOCK_OIDC_CORP_ISSUER?"),
        ({**BASE, "ZZZ": "x"}, "PENSTOCK_OIDC_CORP_ZZZ is no setting of a provider; remove it"),
    ],
)
def test_a_setting_that_is_missing_or_none_is_told(fields, what):
    """A mistyped name could leave a door open."""
    with pytest.raises(ConfigurationError) as caught:
        read(**fields)
    assert what in str(caught.value)


def test_names_are_plain():
    """They stand in addresses, and beside memberships."""
    with pytest.raises(ConfigurationError, match="letters, digits"):
        read("CÖRP", **BASE)
    with pytest.raises(ConfigurationError, match="letters, digits"):
        read("_X", **BASE)


def test_an_issuer_has_one_provider():
    """Or nobody could say whose a token is."""
    names = {
        f"PENSTOCK_OIDC_{name}_{key}": text for name in ("A", "B") for key, text in BASE.items()
    }
    with pytest.raises(ConfigurationError, match=r"PENSTOCK_OIDC_B_ISSUER: 'a' has this issuer"):
        read_providers(names)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://id.example.org", True),
        ("https://id.example.org:8443/a/b", True),
        ("http://127.0.0.1:9000/a", True),
        ("http://localhost", True),
        ("http://[::1]:9000", True),
        ("http://localhost.example.org", False),
        ("http://10.0.0.1", False),
        ("https://", False),
        ("https://h\\@evil", False),
        ("https://h:99999", False),
        ("https://[h", False),
        ("https://h/\n", False),
        ("javascript:alert(1)", False),
    ],
)
def test_secrets_travel_encrypted_or_on_this_machine(url, safe):
    """Plain HTTP is for trying things out."""
    assert safe is is_safe_address(url)


def test_no_secret_is_shown():
    """Neither of one provider nor of all settings."""
    providers = read(**BASE, CLIENT_SECRET=SECRET)
    config = Config({"PENSTOCK_PORT": "1"}, {"PENSTOCK_PORT": "x"})
    settings = GatewaySettings.from_config(config).model_copy(update={"oidc": providers})
    assert SECRET not in f"{providers!r} {settings!r} {settings}"
