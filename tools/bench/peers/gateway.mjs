// Moleculer's HTTP gateway (moleculer-web) before a service on another node over NATS: each request's token is verified with the
// published keys, and the service answers with the body it was given. argv: role (service, gateway that remembers tokens, or verifier
// that checks each time), its port, NATS url, folder with body and jwks.
import fs from 'node:fs';
import path from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { ServiceBroker } from 'moleculer';
import ApiGateway from 'moleculer-web';

const [role, port, transporter, folder] = process.argv.slice(2);
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
const broker = new ServiceBroker({ nodeID: role, transporter, logger: false, requestTimeout: 5000 });

function service() {
    const body = read('body.json');
    broker.createService({ name: 'events', actions: { get: () => body } });
}

// A token that was verified is remembered until it expires, as Conse's gateway does.
function gateway() {
    const keys = createLocalJWKSet(read('jwks.json'));
    const known = new Map();
    async function verify(token) {
        const claims = role === 'gateway' && known.get(token);
        if (claims && claims.exp * 1000 > Date.now()) return claims;
        const { payload } = await jwtVerify(token, keys, { algorithms: ['EdDSA'] });
        known.set(token, payload);
        return payload;
    }
    broker.createService({
        name: 'api',
        mixins: [ApiGateway],
        settings: {
            ip: '127.0.0.1', port: Number(port), cors: false,
            routes: [{ path: '/', authentication: true, aliases: { 'GET events/:id': 'events.get' }, bodyParsers: false, mappingPolicy: 'restrict' }],
        },
        methods: {
            async authenticate(context, route, request) {
                const [scheme, token] = (request.headers.authorization ?? '').split(' ');
                if (scheme !== 'Bearer' || !token) throw new ApiGateway.Errors.UnAuthorizedError('NO_TOKEN');
                try {
                    return await verify(token);
                } catch {
                    throw new ApiGateway.Errors.UnAuthorizedError('INVALID_TOKEN');
                }
            },
        },
    });
}

if (role === 'service') service();
else gateway();
await broker.start();
if (role !== 'service') await broker.waitForServices('events');
process.on('SIGTERM', () => broker.stop().then(() => process.exit(0)));
console.log('ready');
