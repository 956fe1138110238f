"""Reads every station with its connectors, a page at a time. API_URL and API_TOKEN stand in the environment.

API_URL=https://charging.example API_TOKEN=cp_... python stations.py
"""

import json
import os
import urllib.request
from typing import Any

QUERY = """query($after: String) {
  stations(first: 50, after: $after) {
    nodes { name city connected connectors { code state powerW } }
    pageInfo { hasNextPage endCursor }
  }
}"""


def ask(query: str, **variables: object) -> Any:
    request = urllib.request.Request(
        f"{os.environ['API_URL']}/graphql",
        data=json.dumps({"query": query, "variables": variables}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['API_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        body = json.load(answer)
    if "errors" in body:
        raise SystemExit(body["errors"][0]["extensions"]["code"])
    return body["data"]


after = None
while True:
    page = ask(QUERY, after=after)["stations"]
    for station in page["nodes"]:
        states = ", ".join(f"{one['code']}: {one['state']}" for one in station["connectors"])
        print(f"{station['name']} ({states})")
    if not page["pageInfo"]["hasNextPage"]:
        break
    after = page["pageInfo"]["endCursor"]
