// Steers a proxy from another program: a line of JSON is a command, and gets a line of JSON.
//
//   {"add": RULE} -> {"rule": N}          {"until": N, "count": C} -> {"met": C} when the rule has spoilt so many
//   {"release": N} -> {}                  {"seen": {"command": ..., "collection": ...}} -> {"count": how many of them came}
//   {"clear": true}, {"away": true}, {"back": true}, {"mute": true}, {"unmute": true} -> {}
//
// What can't be done gets {"error": why}.
import net from 'node:net';
import readline from 'node:readline';

function commandsOf(proxy) {
    const rules = [];
    const rule = (n) => {
        if (!rules[n - 1]) throw new Error(`there is no rule ${n}`);
        return rules[n - 1];
    };
    const plain = Object.fromEntries(['clear', 'away', 'back', 'mute', 'unmute'].map((name) => [name, async () => void (await proxy[name]())]));
    return {
        ...plain,
        add: (wanted) => ({ rule: rules.push(proxy.add(wanted)) }),
        until: (n, { count = 1 }) => rule(n).until(count).then(() => ({ met: rule(n).met })),
        release: (n) => void rule(n).release(),
        seen: (wanted) => ({ count: proxy.requests.filter((request) => Object.entries(wanted).every(([name, value]) => request[name] === value)).length }),
    };
}

async function answerTo(commands, line) {
    try {
        const asked = JSON.parse(line);
        const name = Object.keys(asked)[0];
        if (!Object.hasOwn(commands, name)) throw new Error(`there is no command ${name}`);
        return (await commands[name](asked[name], asked)) ?? {};
    } catch (error) {
        return { error: error.message };
    }
}

// {port, stop()}
export async function startControl(proxy, { host = '127.0.0.1', port = 0 } = {}) {
    const commands = commandsOf(proxy);
    const sockets = new Set();
    const listener = net.createServer((socket) => {
        sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
        readline.createInterface({ input: socket }).on('line', async (line) => socket.write(`${JSON.stringify(await answerTo(commands, line))}\n`));
    });
    await new Promise((resolve) => listener.listen(port, host, resolve));
    const stop = () => {
        sockets.forEach((socket) => socket.destroy());
        return new Promise((resolve) => listener.close(resolve));
    };
    return { port: listener.address().port, stop };
}
