#!/bin/sh
# As in AWS's base: in Lambda the runtime at once, elsewhere behind the emulator. EMULATOR, which that
# one does not know, says where the emulator listens.
set -eu
if [ -n "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
    exec python3 -m awslambdaric "$@"
fi
# shellcheck disable=SC2086
exec aws-lambda-rie ${EMULATOR:-} /usr/bin/python3 -m awslambdaric "$@"
