// A server that speaks OpenAI's chat completions, as far as we use them, with a model that does as it is told: streams, errors within a
// stream of status 200, Retry-After, answers that end early, and none at all.
import http from 'node:http';

const PIECE = 7; // characters of a streamed piece

// {url, prompts, mood, answer, keys, close()}. prompts has {model, system, user} of each request; mood(n) of the n-th says how it is answered:
// 'well', 'slow-error' (an error within the stream), 'cut', 'hang', 'garbage', 'length', a status, or {status, retryAfter};
// answer(prompt, n) gives the text. Only the key is let in.
export async function startLlm(key = 'a-secret-key') {
    const llm = { prompts: [], mood: () => 'well', answer: naive, key, refused: 0 };
    llm.server = http.createServer((request, response) => void serve(llm, request, response));
    llm.server.on('connection', (socket) => socket.unref()).unref(); // a test that fails closes none
    await new Promise((resolve) => llm.server.listen(0, '127.0.0.1', resolve));
    llm.url = `http://127.0.0.1:${llm.server.address().port}/v1`;
    llm.close = () => { llm.server.closeAllConnections(); llm.server.close(); };
    return llm;
}

const refuse = (response, status, message, headers = {}) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify({ error: { message, type: 'error', code: String(status) } }));

async function serve(llm, request, response) {
    const body = Buffer.concat(await request.toArray());
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return refuse(response, 404, 'no such path');
    if (request.headers.authorization !== `Bearer ${llm.key}`) return llm.refused++, refuse(response, 401, 'a wrong key');
    const asked = JSON.parse(body), text = (role) => asked.messages.filter((message) => message.role === role).map(({ content }) => content).join('\n');
    const prompt = { model: asked.model, system: text('system'), user: text('user') };
    const n = llm.prompts.push(prompt), mood = llm.mood(n);
    if (typeof mood === 'number') return refuse(response, mood, 'as told');
    if (typeof mood === 'object') return refuse(response, mood.status, 'as told', { 'Retry-After': mood.retryAfter });
    if (mood === 'hang') return undefined;
    if (mood === 'garbage') return response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>welcome</html>');
    const said = llm.answer(prompt, n), usage = { prompt_tokens: Math.ceil(body.length / 4), completion_tokens: said.length, total_tokens: Math.ceil(body.length / 4) + said.length };
    return asked.stream ? stream(response, said, usage, mood, asked) : whole(response, said, usage, asked);
}

const common = (asked, object) => ({ id: 'chatcmpl-1', object, created: 1, model: asked.model });

const whole = (response, said, usage, asked) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(
        JSON.stringify({ ...common(asked, 'chat.completion'), choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }], usage }));

function stream(response, said, usage, mood, asked) {
    const send = (object) => response.write(`data: ${JSON.stringify(object)}\n\n`);
    const piece = (delta, end = null) => send({ ...common(asked, 'chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason: end }] });
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const letters = [...said], most = mood === 'well' || mood === 'length' ? letters.length : letters.length / 2;
    piece({ role: 'assistant', content: '' });
    for (let at = 0; at < most; at += PIECE) piece({ content: letters.slice(at, at + PIECE).join('') });
    if (mood === 'slow-error') send({ error: { message: 'overloaded', type: 'server_error', code: 'overloaded' } });
    if (mood === 'cut' || mood === 'slow-error') return response.end();
    piece({}, mood === 'length' ? 'length' : 'stop');
    if (asked.stream_options?.include_usage) send({ ...common(asked, 'chat.completion.chunk'), choices: [], usage });
    return response.end('data: [DONE]\n\n');
}

export const bulletsOf = (bullets) => JSON.stringify({ bullets });

// One bullet for each of the first messages, of their own words.
function naive({ user }) {
    return bulletsOf(JSON.parse(user).slice(0, 4).map(({ id, by, said }) => ({ text: `${by ?? 'note'} said: ${said}`, ids: [id] })));
}
