// The page to try GraphQL on: asks our own /graphql, with the login's forgery token or the token typed under "Headers".
const place = document.getElementById("graphiql");
const token = document.querySelector('meta[name="csrf-token"]').content;
const fetcher = async (params, options) => {
  const answer = await fetch(place.dataset.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token, ...(options?.headers ?? {}) },
    body: JSON.stringify(params),
  });
  return answer.json();
};
const example = `# Stations with their connectors and prices
{
  stations(first: 10) {
    nodes { name city connected connectors { code state powerW tariff { energyPrice currency } } }
  }
}
`;
ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery: example, shouldPersistHeaders: false }),
);
