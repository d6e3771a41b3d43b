#!/bin/sh
# build_and_record.sh: dbt build, and the KPIs of what it built under the id of its invocation.
set -eu
dbt build
invocation=$(python -c 'import json; print(json.load(open("target/run_results.json"))["metadata"]["invocation_id"])')
exec sh record.sh "dbt-$invocation" --workstream shop
