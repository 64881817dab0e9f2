#!/bin/sh
# Puts what Elasticsearch has to know before the first line is written, as often as it is run: template, lifecycle
# policy, and with ELASTIC_PASSWORD a user for each of the three who come here, with no more than it needs.
set -eu
cd "$(dirname "$0")"

# The password goes in by standard input: arguments are read by every process of the machine.
call() { # <method> <path> [<file of the body, - is the third argument>]
  if [ -n "${ELASTIC_PASSWORD:-}" ]; then
    printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD"
  fi | curl -sS -K - -X "$1" "$ELASTICSEARCH_URL/$2" -H 'content-type: application/json' --data-binary "@$3" \
    --fail-with-body --retry 10 --retry-connrefused --retry-delay 2 -o /tmp/answer || {
    echo "$1 $2 failed:" >&2
    cat /tmp/answer >&2
    exit 1
  }
  echo "$1 $2"
}

put() { # <path> <body>, for bodies that hold a password
  body=$(mktemp)
  printf '%s' "$2" >"$body"
  call PUT "$1" "$body"
  rm -f "$body"
}

if [ "${SKIP_LIFECYCLE:-}" != 1 ]; then
  call PUT _ilm/policy/openapi-logs lifecycle-policy.json
  call PUT _ilm/policy/zipkin zipkin-lifecycle-policy.json
fi
call PUT _index_template/openapi-logs index-template.json
# Zipkin puts templates of the old kind, which merge with others of that kind; without this one its spans stay for ever.
call PUT _template/zipkin-lifecycle zipkin-lifecycle-template.json

if [ -n "${ELASTIC_PASSWORD:-}" ]; then
  put _security/role/openapi-logs-writer '{"cluster":["monitor"],"indices":[{"names":["openapi-logs-*"],"privileges":["create_index","index","auto_configure"]}]}'
  put _security/role/zipkin '{"cluster":["monitor","manage_index_templates"],"indices":[{"names":["zipkin-*"],"privileges":["all"]}]}'
  put _security/role/openapi-logs-reader '{"cluster":["monitor"],"indices":[{"names":["openapi-logs-*"],"privileges":["read","view_index_metadata"]}]}'
  put _security/user/logstash "{\"password\":\"$LOGSTASH_PASSWORD\",\"roles\":[\"openapi-logs-writer\"]}"
  put _security/user/zipkin "{\"password\":\"$ZIPKIN_PASSWORD\",\"roles\":[\"zipkin\"]}"
  put _security/user/bongsu "{\"password\":\"$BONGSU_PASSWORD\",\"roles\":[\"openapi-logs-reader\"]}"
fi
