// node proxy.mjs SERVER_PORT: a proxy before the server at that port of the loopback interface. Prints {"port", "control"} and
// serves until its input ends; parts/control.mjs says what the control port understands.
import process from 'node:process';
import { startControl } from './parts/control.mjs';
import { startProxy } from './parts/proxy.mjs';

const proxy = await startProxy(Number(process.argv[2]));
const control = await startControl(proxy);
console.log(JSON.stringify({ port: proxy.port, control: control.port }));
process.stdin.resume().on('end', async () => {
    await control.stop();
    await proxy.stop();
});
