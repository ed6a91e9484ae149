#!/usr/bin/env bash
# Installs Debian's PostgreSQL and MariaDB for the tests that start them, where they are missing and may be installed.
set -euo pipefail

if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v mariadb-install-db >/dev/null; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "databases: not here, and not installed: that needs root and apt-get; their tests are skipped" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# The tests start servers of their own: with a run level of 1 the packages start none.
export RUNLEVEL=1
apt-get update --quiet --quiet
apt-get install --quiet --quiet --yes --no-install-recommends postgresql mariadb-server >/dev/null
echo "databases: $(mariadbd --version | cut -d' ' -f1-4), $(ls -d /usr/lib/postgresql/*)"
