// Requests that are answered with 304, in turns as inTurns of measure.mjs sends them: wrk would wait for the body of which a 304 tells
// the length.
import net from 'node:net';

const CONNECTIONS = 64;
const END = '\r\n\r\n';

function requestOf({ pathname, host }, { token, tag }) {
    const lines = [`GET ${pathname} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${token}`, `If-None-Match: ${tag}`];
    return Buffer.from(lines.join('\r\n') + END, 'latin1');
}

// Tells of each answer by its head, and of its end but for our own.
function connect(url, onAnswer, onEnd) {
    const socket = net.connect({ host: url.hostname, port: url.port, noDelay: true });
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => {
        text += data;
        for (let at; (at = text.indexOf(END)) >= 0; text = text.slice(at + END.length)) onAnswer(text.slice(0, at));
    });
    return socket.on('error', onEnd).on('end', onEnd);
}

export async function unchangedInTurns(text, requests, who) {
    const url = new URL(text), request = requestOf(url, who);
    let left = 0, open = 0, answered = -requests, refused = 0, ended; // of the turn: to be sent, to be answered
    const sockets = Array.from({ length: CONNECTIONS }, () => {
        const ask = () => left-- > 0 && socket.write(request);
        const onAnswer = (head) => {
            answered++;
            if (!head.startsWith('HTTP/1.1 304 ')) refused++;
            ask();
            if (--open === 0) ended.resolve();
        };
        const socket = connect(url, onAnswer, (error) => ended.reject(error ?? new Error('a connection ended')));
        return Object.assign(socket, { ask });
    });
    function turn() {
        const done = new Promise((resolve, reject) => (ended = { resolve, reject }));
        left = open = requests;
        for (const socket of sockets) socket.ask();
        return done;
    }
    await turn();
    return {
        turn,
        async end() {
            for (const socket of sockets) socket.destroy();
            if (refused) throw new Error(`${url}: ${refused} refused of ${answered}`);
            return answered;
        },
    };
}
