#!/bin/sh
# record.sh KEY [OPTIONS OF record]: records under a key, and tries again what could not be judged.
# An outage is recorded as such and may be recorded again under its key; all else is recorded once.
set -u
key=$1
shift
for pause in 0 ${PAUSES-300 900}; do
    sleep "$pause"
    kpisdk record --source warehouse --run-key "$key" "$@"
    code=$?
    [ "$code" -eq 3 ] || break
done
exit "$code"
