// Hosts in network namespaces of our own, joined by a bridge. All of it is inside the namespaces that rules.mk begins with (net, mount,
// pid): nothing of the machine's network is touched, and the kernel removes everything when the first process ends, however it ends.
import { execFileSync } from 'node:child_process';

const run = (program, ...words) => execFileSync(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
export const ip = (...words) => run('ip', ...words);
const NETWORK = '10.77.0';

// The words that begin a command on a host.
export const inside = (host, ...words) => ['netns', 'exec', host, ...words];
const filter = (host, ...words) => ip(...inside(host, 'iptables', '-w', ...words));

// The bridge; clients are at its address, .1.
export function buildNetwork() {
    run('mount', '-t', 'tmpfs', 'none', '/run'); // names of namespaces, and the lock of iptables
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', 'torture', 'type', 'bridge');
    ip('addr', 'add', `${NETWORK}.1/24`, 'dev', 'torture');
    ip('link', 'set', 'torture', 'up');
}

// Its address.
export function addHost(name, number) {
    const near = `v${number}`;
    ip('netns', 'add', name);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('link', 'set', near, 'master', 'torture', 'up');
    ip('-n', name, 'addr', 'add', `${NETWORK}.${number}/24`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    return `${NETWORK}.${number}`;
}

// What `from` sends no longer comes to `to`.
export const block = (to, fromAddress) => filter(to, '-A', 'INPUT', '-s', fromAddress, '-j', 'DROP');
export const unblock = (to, fromAddress) => filter(to, '-D', 'INPUT', '-s', fromAddress, '-j', 'DROP');
export const unblockAll = (host) => filter(host, '-F', 'INPUT');
