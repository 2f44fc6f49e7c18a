// /docs: Swagger UI on the gateway's own description of the API.
// @ts-expect-error: it says nothing of its types
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { ask } from '../core/calls.js';
import { showErrors, showNamed } from './errors.js';
import { readable } from './readable.js';

const BEARER = 'bearer';

/** The session that a log-in opened is that of the calls after it. @param {any} ui @param {any} reply */
function takeToken(ui, reply) {
    const { access_token: token } = /^\/auth\//.test(new URL(reply.url, location.href).pathname) && reply.ok ? (reply.body ?? reply.obj ?? {}) : {};
    if (token) ui().authActions.authorize({ [BEARER]: { name: BEARER, schema: { type: 'http', scheme: 'bearer' }, value: token } });
    return reply;
}

/** @param {string} hash */
function comeBack(hash) {
    history.replaceState(null, '', hash);
    showNamed(hash);
}

async function begin() {
    const { hash } = location, own = hash.length > 1 && !hash.startsWith('#/');
    if (own) history.replaceState(null, '', location.pathname); // the viewer would take it for the name of a tag
    const api = await (await ask('/openapi.json')).json();
    showErrors(api);
    /** @type {any} */
    const ui = SwaggerUI({
        dom_id: '#docs', spec: api, deepLinking: true, filter: true, tryItOutEnabled: true, displayRequestDuration: true, validatorUrl: null,
        defaultModelsExpandDepth: -1, docExpansion: 'list', syntaxHighlight: { activated: false }, plugins: [readable],
        responseInterceptor: (/** @type {any} */ reply) => takeToken(() => ui, reply), onComplete: () => own && comeBack(hash),
    });
}

begin();
