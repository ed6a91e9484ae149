#!/usr/bin/env bash
# Installs Debian's Chromium for the tests in a browser, where it is missing and may be installed.
set -euo pipefail

if command -v chromium >/dev/null; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "chromium: not here, and not installed: that needs root and apt-get; its tests are skipped" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet --quiet
apt-get install --quiet --quiet --yes --no-install-recommends chromium fonts-liberation >/dev/null
echo "chromium: $(chromium --version)"
