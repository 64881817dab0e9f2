#!/bin/sh
# Puts template and lifecycle policy, as often as it is run. Users belong to the security plugin, which has its own files.
set -eu
cd "$(dirname "$0")"

call() { # <method> <path> <file of the body>
  curl -sS --fail-with-body -X "$1" "$ELASTICSEARCH_URL/$2" -H 'content-type: application/json' --data-binary "@$3" \
    --retry 10 --retry-connrefused --retry-delay 2
  echo " $1 $2"
}

call PUT _index_template/openapi-logs index-template.json
# Putting a policy again needs its version: what is there stays.
if ! curl -fs -o /dev/null "$ELASTICSEARCH_URL/_plugins/_ism/policies/openapi-logs"; then
  call PUT _plugins/_ism/policies/openapi-logs lifecycle-policy.json
fi
