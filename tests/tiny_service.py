"""A small program in the place of `penstock serve`: how it behaves follows from the model's URI.

`…/crash-…` ends before it is ready, `…/slow-…` is never ready, `…/family-…` leaves a process
behind in a session of its own. `GET /crash` ends it at once.
"""

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from penstock.deployments.commands import Listening
from penstock.deployments.spec import DeploymentSpec, Target

LEFT_BEHIND = "import os, time; os.setsid(); time.sleep(600)"


def tiny_command(spec: DeploymentSpec, target: Target, listening: Listening) -> tuple[str, ...]:
    """Return the command line of this program."""
    address = (listening.host, str(listening.port))
    return (sys.executable, __file__, spec.model_uri, *address, target.value)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/crash":
            _say("crashing as asked")
            os._exit(7)
        is_ready = self.path != "/ping" or "slow" not in sys.argv[1]
        content = json.dumps({"arguments": sys.argv[1:], "environment": dict(os.environ)}).encode()
        self.send_response(200 if is_ready else 503)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def main() -> None:
    uri, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    _say(f"serving {uri}")
    if "crash" in uri:
        sys.exit("this model cannot be loaded")
    if "family" in uri:
        subprocess.Popen([sys.executable, "-c", LEFT_BEHIND], start_new_session=True)
    ThreadingHTTPServer((host, port), _Handler).serve_forever()


if __name__ == "__main__":
    main()
