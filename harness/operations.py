"""The GraphQL operations behind the command line. A test holds each against the schema."""

_PROBLEM = "... on Problem { code fields { field code } right }"
_COMMAND = "id action payload state final answer error tries requestedAt sentAt answeredAt"

ACCOUNTS = "{ accounts { id } }"
STATIONS = "query($text: String!) { stations(text: $text, first: 100) { nodes { id identity } } }"
ADD_STATION = f"""mutation($account: UUID!, $name: String!, $connectors: [ConnectorInput!]!, $login: LoginInput!) {{
  addStation(accountId: $account, facts: {{name: $name}}, connectors: $connectors, login: $login) {{
    __typename ... on StationWithPassword {{ stationId identity ocppUrl password }} {_PROBLEM} }} }}"""
BRING_CERTIFICATE = f"""mutation($station: UUID!, $certificate: String!) {{
  bringStationCertificate(stationId: $station, certificate: $certificate) {{
    __typename ... on StationSecurity {{ stationId }} {_PROBLEM} }} }}"""
KEEP_QUIET = f"""mutation($station: UUID!) {{ setQuietAfterBoot(id: $station, quiet: true) {{
    __typename ... on Station {{ id }} {_PROBLEM} }} }}"""
ADD_TAG = f"""mutation($account: UUID!, $tag: TagInput!) {{ addTag(accountId: $account, tag: $tag) {{
    __typename ... on Tag {{ id idTag state parentIdTag expiresAt }} {_PROBLEM} }} }}"""
SEND_COMMAND = f"""mutation($station: UUID!, $action: Action!, $payload: JSON!, $unchecked: Boolean!) {{
  sendCommand(stationId: $station, action: $action, payload: $payload, unchecked: $unchecked) {{
    __typename ... on Command {{ {_COMMAND} }} {_PROBLEM} }} }}"""
COMMAND = f"query($id: UUID!) {{ command(id: $id) {{ {_COMMAND} }} }}"
COMMANDS = f"""query($station: UUID!, $most: Int!) {{ commands(stationId: $station, first: $most) {{
    nodes {{ {_COMMAND} }} }} }}"""
STATION = """query($station: UUID!) { station(id: $station) {
    id identity connected lastSeenAt vendor model firmware serial quietAfterBoot
    connectors { number status errorCode state statusAt powerW } } }"""
SESSIONS = """query($station: UUID!, $most: Int!) { sessions(stationId: $station, first: $most) { nodes {
    id transactionId connectorNumber kind idTag authorisationId state startedAt endedAt meterStartWh meterStopWh
    energyWh stopReason offline estimated } } }"""
FILES = """query($station: UUID!, $most: Int!) { fileJobs(stationId: $station, first: $most) { nodes {
    id number kind state reason announcedName fileName fileSize fileSha256 steps { message status at } } } }"""
FRAMES = """query($station: UUID!, $action: String!, $most: Int!) {
  messages(search: {stationId: $station, action: $action}, first: $most) { nodes {
    at sender action messageId call answer error latencyMs } } }"""
