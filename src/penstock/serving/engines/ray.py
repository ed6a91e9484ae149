"""Ray Serve: a cluster, what runs on it, and calls of its replicas. No other file knows Ray."""

import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from hashlib import blake2b
from threading import Thread
from typing import Any, Final, NamedTuple

from penstock.errors import ClusterUnavailable, ConfigurationError, MissingLibrary
from penstock.serving.engines.calls import Peer, PeerLost, unwrap
from penstock.serving.engines.cluster_words import reason_of, slug
from penstock.serving.engines.keeper import State
from penstock.serving.engines.local import Limits
from penstock.serving.engines.replica import ModelReplica
from penstock.serving.engines.staff import MakeApp, Scale, Staff

LOOPBACK: Final = "127.0.0.1"
HEAD: Final = "node:__internal_head__"
"""A resource that only the head node of a cluster has."""

KEEP_ALIVE_SECONDS: Final = 75
KEEPER, ARCHIVE, ROUTER, MODEL = "Keeper", "Archive", "Router", "Model"
MOST_UNDER_WAY: Final = 1000
MOST_ASKED_TOGETHER: Final = 32
ASKED_TOGETHER: Final = 2
"""From how many calls under way on, on average, a model gets another replica."""

LOOK_BACK_SECONDS: Final = 12.0
"""Of what time that is the average; Ray takes none below 10."""

ANSWER_SECONDS: Final = 20.0
"""How long a cluster may take to say what runs on it."""

_HEALTH: Final = {"health_check_period_s": 2, "health_check_timeout_s": 30}
_VARIABLES: Final = {
    # Calls within one loop; the defaults hand each over to a loop in another thread.
    "RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP": "0",
    "RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD": "0",
    "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1000",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    # How often a router tells how many calls are under way; ten seconds are long under load.
    "RAY_SERVE_HANDLE_AUTOSCALING_METRIC_PUSH_INTERVAL_S": "2",
}
_PATIENCE: Final = {
    # A proxy that a busy machine starts slowly is not to be killed for it.
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
}

_LOOPBACK: Final = {
    # Or Ray takes the loopback for another address of this machine, and listens on all of them.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


def join(address: str) -> None:
    """Join a cluster, or without an address start one of this machine, which ends with us.

    Where there is none, the variable `RAY_ADDRESS` counts, as for all programs that use Ray.
    Raises MissingLibrary and ClusterUnavailable.
    """
    address = address or os.environ.get("RAY_ADDRESS", "")
    # Nothing is told to the makers of Ray, unless somebody wants it.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not address or address.startswith((LOOPBACK, "localhost")):
        os.environ.update(_LOOPBACK)
    if not address:
        # What we start inherits them.
        os.environ.update(_VARIABLES)
    ray, _ = _library()
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            # Without this address Ray joins a cluster that somebody has started on this machine.
            ray.init(address="local", _node_ip_address=LOOPBACK, include_dashboard=False, **quiet)
    except Exception as error:
        # Ray raises the plainest of errors here, too.
        where = f"the cluster at {address}" if address else "a cluster of this machine"
        raise ClusterUnavailable(f"Ray cannot join {where}: {error}") from error


def leave() -> None:
    """Leave the cluster; the one that was started by us ends."""
    ray, _ = _library()
    ray.shutdown()


def listen(host: str, port: int) -> None:
    """Let every node that has replicas listen. Raises ConfigurationError, ClusterUnavailable."""
    ray, serve = _library()
    try:
        serve.start(
            proxy_location="EveryNode",
            http_options={"host": host, "port": port, "keep_alive_timeout_s": KEEP_ALIVE_SECONDS},
            controller_options={"runtime_env": {"env_vars": _PATIENCE}},
        )
        found = serve.context._get_global_client().http_config  # noqa: SLF001 - told nowhere else
    except (
        *(ray.exceptions.RayError, serve.exceptions.RayServeException),
        *(RuntimeError, TimeoutError, OSError, ValueError),
    ) as error:
        raise ClusterUnavailable(
            f"Ray Serve cannot listen on {host}, port {port}: {error}; choose another with "
            "--host and --port, or end the program that uses it"
        ) from error
    if not serve.status().proxies:
        raise ConfigurationError(
            "Ray Serve of this cluster listens nowhere, for a server with "
            "PENSTOCK_SERVE_ROUTERS=here was there first; start this one so, too, or end it: "
            "serve shutdown"
        )
    if (found.host, found.port) != (host, port):
        raise ConfigurationError(
            f"Ray Serve listens on {found.host}, port {found.port} of this cluster already; "
            "name these by --host and --port, or end it: serve shutdown"
        )


def be_guest() -> None:
    """Use the cluster without listening on its nodes. Raises ClusterUnavailable."""
    ray, serve = _library()
    # What fails is raised; beside that it complains of every loop that ends before the process.
    logging.getLogger("ray.serve").setLevel(logging.CRITICAL)
    try:
        serve.start(
            proxy_location="Disabled", controller_options={"runtime_env": {"env_vars": _PATIENCE}}
        )
    except (ray.exceptions.RayError, serve.exceptions.RayServeException, TimeoutError) as error:
        raise ClusterUnavailable(f"Ray Serve cannot start on the cluster: {error}") from error


def start_server(name: str, staff: Staff) -> None:
    """Begin a server, or exchange what runs under its name."""
    _, serve = _library()
    head = {"num_cpus": 0, "resources": {HEAD: 0.001}, "runtime_env": {"env_vars": _VARIABLES}}

    def alone(kind: str, make: Callable[[], object]) -> Any:  # noqa: ANN401 - of Ray
        made = serve.deployment(_Served, name=kind).options(
            ray_actor_options=head, max_ongoing_requests=MOST_UNDER_WAY, **_HEALTH
        )
        return made.bind(make)

    router = serve.deployment(serve.ingress()(_Router), name=ROUTER).options(
        num_replicas=staff.routers,
        max_ongoing_requests=MOST_UNDER_WAY,
        ray_actor_options={"num_cpus": 0.1, "runtime_env": {"env_vars": _VARIABLES}},
        **_HEALTH,
    )
    keeper, archive = alone(KEEPER, staff.keeper), alone(ARCHIVE, staff.archive)
    _begin(router.bind(keeper, archive, staff.make_app), name, route="/")


def find_state(name: str) -> State | None:
    """Return where an application has got to. Raises ClusterUnavailable."""
    found = _applications().get(name)
    if found is None:
        return None
    status = found.status.value
    return State(
        # One whose replicas are being replaced is there, and those who ask wait.
        is_ready=status in {"RUNNING", "UNHEALTHY"},
        has_failed=status == "DEPLOY_FAILED",
        is_going=status == "DELETING",
        message=reason_of(
            " ".join([found.message, *(d.message for d in found.deployments.values())])
        ),
    )


def _applications() -> Mapping[str, Any]:
    _, serve = _library()
    found: Future[Mapping[str, Any]] = Future()

    def ask() -> None:
        try:
            found.set_result(serve.status().applications)
        except Exception as error:  # noqa: BLE001 - raised below
            found.set_exception(error)

    # Where its head is lost, Ray waits for another one, for ever if need be.
    Thread(target=ask, daemon=True).start()
    try:
        return found.result(ANSWER_SECONDS)
    except TimeoutError:
        raise ClusterUnavailable(
            f"the Ray cluster has not answered within {ANSWER_SECONDS:g} seconds"
        ) from None
    except Exception as error:
        # Ray raises the plainest of errors here, too.
        raise ClusterUnavailable(f"the Ray cluster does not answer: {error}") from error


def end(name: str) -> None:
    """Begin to end an application: it is gone when its last requests are answered."""
    _, serve = _library()
    serve.delete(name, _blocking=False)


def find_peer(name: str) -> Peer:
    """Return a way to ask the replicas of a model."""
    _, serve = _library()
    return _Handle(serve.get_deployment_handle(MODEL, app_name=name))


class RayCluster(NamedTuple):
    """The models of one server on the cluster: an application each, with one deployment."""

    server: str
    limits: Limits
    scale: Scale

    def name_of(self, uri: str) -> str:
        """Return the name of the application of a model: readable, and of this URI alone."""
        digest = blake2b(uri.encode(), digest_size=4).hexdigest()
        return f"{self.server}.{slug(uri)[-48:]}.{digest}"

    def list_names(self) -> list[str]:
        """Return the names of all applications of models that this server has."""
        return [name for name in _applications() if name.startswith(f"{self.server}.")]

    def find_state(self, name: str) -> State | None:
        """Return where an application has got to."""
        return find_state(name)

    def start(self, uri: str) -> None:
        """Begin the application of a model; it is ready when the first replica has loaded."""
        _, serve = _library()
        model = serve.deployment(ModelReplica, name=MODEL).options(
            max_ongoing_requests=MOST_ASKED_TOGETHER,
            ray_actor_options={
                "num_cpus": self.scale.cpus,
                "runtime_env": {"env_vars": _VARIABLES},
            },
            autoscaling_config={
                "min_replicas": self.scale.least,
                "max_replicas": max(self.scale.least, self.scale.most),
                "target_ongoing_requests": ASKED_TOGETHER,
                "look_back_period_s": LOOK_BACK_SECONDS,
                "upscale_delay_s": self.scale.grow_seconds,
                "downscale_delay_s": self.scale.shrink_seconds,
            },
            **_HEALTH,
        )
        _begin(model.bind(uri, self.limits), self.name_of(uri), route=None)

    def end(self, name: str) -> None:
        """Begin to end an application."""
        end(name)


class _Served:
    """Somebody of whom there is one, made where it runs."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._made = make()

    async def ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        return await getattr(self._made, method)(*arguments)


class _Router:
    """An application behind the cluster's HTTP."""

    async def __init__(self, keeper: Any, archive: Any, make_app: MakeApp) -> None:  # type: ignore[misc] # noqa: ANN401 - Ray awaits it, and its handles are any
        self._app = await make_app(_Through(keeper), _Through(archive), find_peer)

    def __serve_build_asgi_app__(self) -> Any:  # noqa: ANN401 - Ray asks for the app by this name
        return self._app


class _Handle:
    """The replicas of a deployment."""

    def __init__(self, handle: Any) -> None:  # noqa: ANN401 - of Ray
        ray, serve = _library()
        self._handle = handle
        self._lost = (
            ray.exceptions.RayActorError,
            ray.exceptions.ObjectLostError,
            serve.exceptions.ReplicaUnavailableError,
        )
        self._errors = (ray.exceptions.RayError, serve.exceptions.RayServeException)

    async def ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        try:
            return unwrap(await getattr(self._handle, method).remote(*arguments))
        except self._lost as error:
            raise PeerLost(f"a replica is lost ({type(error).__name__})") from error
        except self._errors as error:
            raise ClusterUnavailable(f"the Ray cluster does not answer: {error}") from error


class _Through(_Handle):
    """Somebody of whom there is one."""

    async def ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        return await super().ask("ask", method, *arguments)


def _begin(application: Any, name: str, *, route: str | None) -> None:  # noqa: ANN401 - of Ray
    ray, serve = _library()
    # `serve.run` without this waits until all is ready, for ever if need be.
    from ray.serve.api import _run  # noqa: PLC0415 - as the library itself

    try:
        _run(application, name=name, route_prefix=route, _blocking=False)
    except (ray.exceptions.RayError, serve.exceptions.RayServeException) as error:
        raise ClusterUnavailable(f"Ray Serve refuses '{name}': {error}") from error


def _library() -> tuple[Any, Any]:
    try:
        import ray  # noqa: PLC0415 - an extra, and heavy
        from ray import serve  # noqa: PLC0415 - the same
    except ImportError as error:
        raise MissingLibrary(
            "models on a Ray cluster need Ray; install it: pip install 'penstock[ray]'"
        ) from error
    return ray, serve
