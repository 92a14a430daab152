#!/usr/bin/env bash
# Installs what the tests need of the machine and npm does not bring: Debian packages only.
set -euo pipefail
packages=(ffmpeg chromium mosquitto mosquitto-clients coturn iproute2 procps fonts-dejavu-core
  gstreamer1.0-tools gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-rtsp gir1.2-gst-rtsp-server-1.0 python3-gi)
commands=(ffmpeg chromium mosquitto mosquitto_sub turnserver ip ps gst-launch-1.0)
missing=0
for command in "${commands[@]}"; do PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null || missing=1; done
/usr/bin/python3 -c "import gi; gi.require_version('GstRtspServer', '1.0')" 2>/dev/null || missing=1
if [ "$missing" = 0 ]; then echo "setup:ci: everything is here"; exit 0; fi
if ! command -v apt-get >/dev/null; then echo "setup:ci: needs a Debian machine (apt-get); install by hand: ${packages[*]}" >&2; exit 2; fi
sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
# Services that a package starts by itself are not wanted: tests start their own on ports of their own.
for service in mosquitto coturn; do $sudo service "$service" stop >/dev/null 2>&1 || true; done
