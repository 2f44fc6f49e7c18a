// node database.mjs ADDRESS: runs on the database's host. mongo-java-server answers there alone; at ADDRESS are the proxy before it
// (27017) and the lines that steer the proxy (27018). Ends with its input.
import process from 'node:process';
import { startControl } from '../stores/parts/control.mjs';
import { startProxy } from '../stores/parts/proxy.mjs';
import { startServer } from '../stores/parts/servers.mjs';

const [host] = process.argv.slice(2);
const mongo = await startServer('mongo-java');
const proxy = await startProxy(mongo.port, { host, port: 27017, keeps: false });
await startControl(proxy, { host, port: 27018 });
process.stdin.resume().on('end', async () => {
    await mongo.stop();
    process.exit();
});
