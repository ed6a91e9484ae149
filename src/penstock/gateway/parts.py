"""The parts of one gateway; they live as long as the app."""

from dataclasses import dataclass

from penstock.deployments.commands import ServeCommand, serve_command
from penstock.gateway.access.follow_ups import FollowUps
from penstock.gateway.access.grants import Grants
from penstock.gateway.access.groups import Groups
from penstock.gateway.access.keeper import GrantKeeper
from penstock.gateway.access.policy_watch import PolicyWatch
from penstock.gateway.access.scopes import GrantScopes
from penstock.gateway.audit.journal import Journal
from penstock.gateway.audit.retention import Retention
from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.authenticator import Authenticator
from penstock.gateway.auth.invitations import Invitations
from penstock.gateway.auth.passwords import Passwords
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.auth.prover import Prover
from penstock.gateway.auth.sessions import Sessions
from penstock.gateway.auth.throttle import Throttle
from penstock.gateway.auth.tokens import Tokens
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.policy import Part
from penstock.gateway.deployments.deployments import Deployments, make_deployments
from penstock.gateway.metrics import Metrics
from penstock.gateway.oidc.federation import Federation, make_federation
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.subject import UserId
from penstock.gateway.proxy.request_body import BodyReader
from penstock.gateway.proxy.search.page_token import PageTokens
from penstock.gateway.proxy.search.restricted import Restricted
from penstock.gateway.proxy.search.searcher import MlflowSearcher
from penstock.gateway.proxy.search.upstream_search import UpstreamSearch
from penstock.gateway.proxy.server_info import ServerInfo
from penstock.gateway.proxy.targets.lookup import MlflowLookup
from penstock.gateway.proxy.targets.outcomes import Outcomes
from penstock.gateway.proxy.upstream import Upstream
from penstock.gateway.rollouts.rollouts import Rollouts, make_rollouts
from penstock.gateway.secret_key import SecretKey
from penstock.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is made of."""

    settings: GatewaySettings
    database: Database
    proven: ProvenCredentials
    proven_sessions: ProvenCredentials
    accounts: Accounts
    tokens: Tokens
    sessions: Sessions
    invitations: Invitations
    authenticator: Authenticator
    journal: Journal
    metrics: Metrics
    retention: Retention
    upstream: Upstream
    server_info: ServerInfo
    bodies: BodyReader
    scopes: GrantScopes
    follow_ups: FollowUps
    grants: Grants
    groups: Groups
    watch: PolicyWatch
    lookup: MlflowLookup
    searcher: MlflowSearcher
    secret_key: SecretKey
    federation: Federation
    rollouts: Rollouts
    deployments: Deployments


def make_parts(
    settings: GatewaySettings,
    *,
    passwords: Passwords | None = None,
    throttle: Throttle | None = None,
    command: ServeCommand = serve_command,
) -> Parts:
    """Make the parts; nothing is connected yet. Raises ConfigurationError.

    `command` returns the command line of a deployed model's service.
    """
    database = Database(open_engine(settings.resolved_database_url))
    proven = ProvenCredentials(settings.credential_seconds)
    proven_sessions = ProvenCredentials(settings.credential_seconds)
    passwords = passwords or Passwords()

    def forget(user_id: UserId) -> None:
        proven.forget(user_id)
        proven_sessions.forget(user_id)

    def forget_changed(user_id: UserId, version: int) -> None:
        forget(user_id)
        watch.know(Part.ACCOUNTS, version)

    watch = PolicyWatch(database)
    accounts = Accounts(database, passwords, on_change=forget_changed)
    tokens = Tokens(database, on_change=forget_changed)
    sessions = Sessions(
        database, seconds=settings.session_seconds, on_end=proven_sessions.forget_all
    )
    upstream = Upstream(settings.upstream_url, connect_seconds=settings.upstream_connect_seconds)
    bodies = BodyReader(limit=settings.max_body_bytes, idle_seconds=settings.client_idle_seconds)
    configured = settings.secret_key
    key = SecretKey(configured.get_secret_value() if configured else None)
    default = Level[settings.default_level]
    scopes = GrantScopes(database, default=default)
    lookup = MlflowLookup(upstream)
    watch.listen(proven.forget_all, Part.ACCOUNTS)
    watch.listen(proven_sessions.forget_all, Part.ACCOUNTS)
    watch.listen(proven_sessions.forget_all, Part.SESSIONS)
    watch.listen(scopes.forget)
    watch.listen(lookup.forget)
    federation = make_federation(
        settings.oidc,
        database,
        secret_key=key,
        on_user_change=forget,
        on_group_change=watch.changed,
    )
    return Parts(
        settings=settings,
        database=database,
        proven=proven,
        proven_sessions=proven_sessions,
        accounts=accounts,
        tokens=tokens,
        sessions=sessions,
        invitations=Invitations(
            database, passwords, seconds=settings.invitation_seconds, on_change=forget_changed
        ),
        authenticator=Authenticator(
            Prover(accounts, tokens, throttle or Throttle(), jwts=federation.jwts),
            sessions,
            proven=proven,
            proven_sessions=proven_sessions,
        ),
        journal=Journal(database),
        metrics=Metrics(),
        retention=Retention(database, days=settings.audit_days),
        upstream=upstream,
        server_info=ServerInfo(upstream),
        bodies=bodies,
        scopes=scopes,
        follow_ups=FollowUps(GrantKeeper(database, on_change=watch.changed), Outcomes(upstream)),
        grants=Grants(database, default=default, on_change=watch.changed),
        groups=Groups(database, on_change=watch.changed),
        watch=watch,
        lookup=lookup,
        searcher=_searcher(settings, upstream, scopes=scopes, lookup=lookup, key=key),
        secret_key=key,
        federation=federation,
        rollouts=make_rollouts(settings, database),
        deployments=make_deployments(settings, database, command=command),
    )


def _searcher(
    settings: GatewaySettings,
    upstream: Upstream,
    *,
    scopes: GrantScopes,
    lookup: MlflowLookup,
    key: SecretKey,
) -> MlflowSearcher:
    search = UpstreamSearch(upstream, seconds=settings.upstream_seconds)
    tokens = PageTokens(key)
    return MlflowSearcher(
        search, scopes, restricted=Restricted(search, lookup, tokens), tokens=tokens
    )
