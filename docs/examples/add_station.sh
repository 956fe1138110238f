#!/bin/sh
# Adds a station once, however often it is run with the same key: sh add_station.sh <account id> <name> <key>
# API_URL and API_TOKEN stand in the environment.
set -eu
body=$(printf '{"query": "mutation($account: UUID!, $name: String!) { addStation(accountId: $account, facts: {name: $name}, connectors: [{plug: TYPE_2, maxPowerW: 11000}]) { __typename ... on StationWithPassword { stationId ocppUrl password } ... on Problem { code fields { field code } } } }", "variables": {"account": "%s", "name": "%s"}}' "$1" "$2")
curl --silent --show-error --fail "$API_URL/graphql" \
  --header "Authorization: Bearer $API_TOKEN" \
  --header "Content-Type: application/json" \
  --header "Idempotency-Key: $3" \
  --data "$body"
