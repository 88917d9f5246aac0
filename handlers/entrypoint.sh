#!/bin/sh
# The container image's command chooses its door: `server`, `worker`, or a Lambda handler by name.
set -eu
case "${1:-}" in
server | worker)
    cd /var/task
    # Nobody calls at the loopback of a container. With any other address ADMIN_KEYS are asked for.
    export HOST="${HOST:-0.0.0.0}"
    exec python3 -m "handlers.$1"
    ;;
esac
exec /lambda-entrypoint.sh "$@"
