// Steers the proxy before the database by the lines that tests/stores/parts/control.mjs describes.
import net from 'node:net';
import readline from 'node:readline';

// A function that takes a command and gives its answer.
export async function steer(host, port) {
    const waiting = [];
    const socket = net.connect(port, host);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    readline.createInterface({ input: socket }).on('line', (line) => waiting.shift()(JSON.parse(line)));
    return (command) =>
        new Promise((resolve, reject) => {
            waiting.push((answer) => (answer.error ? reject(new Error(answer.error)) : resolve(answer)));
            socket.write(`${JSON.stringify(command)}\n`);
        });
}
