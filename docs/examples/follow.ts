// Follows a station until its first connector is available: node follow.ts <station id>
// API_URL and API_TOKEN stand in the environment; node 22.18 or newer runs it as it is.

type Connector = { number: number; status: string };
type Told = { type: string; payload?: { data: { station: { name: string; connectors: Connector[] } } } };

const socket = new WebSocket(`${process.env.API_URL!.replace("http", "ws")}/graphql/socket`, "graphql-transport-ws");
const query = "subscription($id: UUID!) { station(id: $id) { name connectors { number status } } }";
const say = (message: object): void => socket.send(JSON.stringify(message));

socket.onopen = () => say({ type: "connection_init", payload: { Authorization: `Bearer ${process.env.API_TOKEN}` } });
socket.onmessage = (event: MessageEvent<string>) => {
  const told: Told = JSON.parse(event.data);
  if (told.type === "connection_ack") {
    say({ id: "1", type: "subscribe", payload: { query, variables: { id: process.argv[2] } } });
  } else if (told.type === "next" && told.payload) {
    const { name, connectors } = told.payload.data.station;
    console.log(name, connectors.map((one) => one.status).join(" "));
    if (connectors[0].status === "AVAILABLE") socket.close();
  } else if (told.type === "error") {
    console.error(event.data);
    process.exit(1);
  }
};
socket.onclose = (event: CloseEvent) => process.exit(event.code === 1005 || event.code === 1000 ? 0 : 1);
