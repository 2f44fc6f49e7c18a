// A page that follows an event on a WebSocket until its process is stopped: node frozen.mjs URL TOKEN EVENT. Says "follows".
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, id] = process.argv.slice(2);
const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { Authorization: `Bearer ${token}` } });
client.subscribe({ query: 'subscription($id: ID!) { event(id: $id) { __typename } }', variables: { id } }, {
    next: () => console.log('follows'), error: () => process.exit(1), complete: () => process.exit(0),
});
