#!/usr/bin/env bash
# Installs what the tests need of the machine and npm does not bring: Debian packages only.
set -euo pipefail
packages=(ffmpeg chromium mosquitto mosquitto-clients coturn iproute2 procps fonts-dejavu-core)
commands=(ffmpeg chromium mosquitto mosquitto_sub turnserver ip ps)
missing=0
for command in "${commands[@]}"; do PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null || missing=1; done
if [ "$missing" = 0 ]; then echo "setup:ci: everything is here"; exit 0; fi
if ! command -v apt-get >/dev/null; then echo "setup:ci: needs a Debian machine (apt-get); install by hand: ${packages[*]}" >&2; exit 2; fi
sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
# Services that a package starts by itself are not wanted: tests start their own on ports of their own.
for service in mosquitto coturn; do $sudo service "$service" stop >/dev/null 2>&1 || true; done
