"""Print each line as it is measured; exit 1 when a bound is missed.

`python -m bench [NAME …] [--json]` measures only the named parts.
"""

import argparse
import os
import sys

from bench import (
    access,
    artifacts,
    client_calls,
    client_import,
    gateway_latency,
    metric_writer,
    model_load,
    rollout,
    serving,
    serving_ray,
)

PARTS = {
    "client-import": client_import,
    "client-calls": client_calls,
    "gateway": gateway_latency,
    "access": access,
    "artifacts": artifacts,
    "metric-writer": metric_writer,
    "model-load": model_load,
    "rollout": rollout,
    "serving": serving,
    "serving-ray": serving_ray,
}


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("part", nargs="*", help=f"what to measure: {', '.join(PARTS)}")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    if unknown := set(arguments.part) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    missed = 0
    if not arguments.json:
        print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; ratios of one run\n")
    for name in arguments.part or PARTS:
        for line in PARTS[name].lines():
            print(line.to_json() if arguments.json else line, flush=True)
            missed += not line.holds
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
