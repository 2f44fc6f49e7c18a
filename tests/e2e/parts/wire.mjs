// HTTP by hand, for what a proper client cannot send.
import net from 'node:net';
import tls from 'node:tls';

// Splits received bytes into replies: {status, headers, body}.
function takeReply(bytes, head) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [line, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(lines.map((text) => [text.slice(0, text.indexOf(':')).toLowerCase(), text.slice(text.indexOf(':') + 1).trim()]));
    const status = Number(line.split(' ')[1]);
    const length = head || status === 304 ? 0 : Number(headers['content-length'] ?? 0);
    if (bytes.length < end + 4 + length) return null;
    const body = bytes.subarray(end + 4, end + 4 + length);
    return { status, headers, body, rest: bytes.subarray(end + 4 + length) };
}

export class Wire {
    constructor(port, options) {
        this.received = Buffer.alloc(0);
        this.replies = [];
        this.waiting = [];
        this.closed = false;
        this.socket = options ? tls.connect({ port, host: '127.0.0.1', ...options }) : net.connect(port, '127.0.0.1');
        this.opened = new Promise((resolve, reject) => {
            this.socket.once(options ? 'secureConnect' : 'connect', resolve);
            this.socket.once('error', reject);
        });
        this.opened.catch(() => {});
        this.socket.on('data', (chunk) => this.#take(chunk));
        this.socket.on('error', () => {});
        this.ended = new Promise((resolve) => this.socket.on('close', resolve)).then(() => this.#end());
    }

    #take(chunk) {
        this.received = Buffer.concat([this.received, chunk]);
        for (let reply; (reply = takeReply(this.received, this.head)); ) {
            this.received = reply.rest;
            const waiter = this.waiting.shift();
            if (waiter) waiter(reply);
            else this.replies.push(reply);
        }
    }

    #end() {
        this.closed = true;
        for (const waiter of this.waiting.splice(0)) waiter(null);
    }

    send(bytes) {
        this.socket.write(bytes);
        return this;
    }

    // The next reply, or null when the connection ended without one.
    reply() {
        if (this.replies.length) return Promise.resolve(this.replies.shift());
        if (this.closed) return Promise.resolve(null);
        return new Promise((resolve) => this.waiting.push(resolve));
    }

    close() {
        this.socket.destroy();
    }
}

export const request = (line, headers = ['Host: x'], body = '') => `${line} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;

export async function openWires(port, count, options) {
    const wires = Array.from({ length: count }, () => new Wire(port, options));
    await Promise.all(wires.map((wire) => wire.opened));
    return wires;
}

// Sends requests one after the other until the server says close, or closes. Tells what was never answered.
export async function loadUntilClosed(wire, bytes) {
    for (let sent = 1; ; sent++) {
        wire.send(bytes);
        const reply = await wire.reply();
        if (!reply) return { sent, lost: 1 };
        if (reply.headers.connection === 'close') return { sent, lost: 0 };
    }
}

// One exchange on a connection of its own.
export async function exchange(port, bytes, { head = false } = {}) {
    const wire = new Wire(port);
    wire.head = head;
    await wire.opened;
    wire.send(bytes);
    const reply = await wire.reply();
    wire.close();
    if (!reply) return { status: 0, headers: {}, body: null };
    const json = /json/.test(reply.headers['content-type'] ?? '') && reply.body.length > 0 && !reply.headers['content-encoding'];
    return { ...reply, text: reply.body.toString(), body: json ? JSON.parse(reply.body.toString()) : reply.body };
}
