#!/bin/sh
# Starts Redis as the official image does: the arguments are the server's.
set -eu
if [ "${1-}" = redis-server ]; then
    shift
fi
exec redis-server --protected-mode no "$@"
