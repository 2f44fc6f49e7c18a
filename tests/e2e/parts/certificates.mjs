// Certificates of services for tls+tcp://, by the script that operators use, and addresses that need them.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { outside } from './environment.mjs';
import { freePort } from './processes.mjs';

const SCRIPT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../../deploy/certificates.sh');

// In a folder of that name within `within`: {folder, authority}. authority: a folder that others may be signed from.
export function makeCertificates(within, name, { authority = path.join(within, `${name}-ca`), programs = [], days = 2 } = {}) {
    const folder = path.join(within, name);
    execFileSync(SCRIPT, [authority, folder, ...programs], { env: { ...outside, DAYS: String(days) }, stdio: ['ignore', 'ignore', 'inherit'] });
    return { folder, authority };
}

// What node's TLS takes of a program's certificate.
export const pairOf = ({ folder }, program) => ({
    ca: fs.readFileSync(path.join(folder, 'ca.crt')),
    cert: fs.readFileSync(path.join(folder, `${program}.crt`)),
    key: fs.readFileSync(path.join(folder, `${program}.key`)),
});

// Where the services listen, each at three ports of its own.
export async function secureAddresses(services) {
    const env = {};
    for (const service of services)
        for (const what of ['LISTEN', 'SLOW_LISTEN', 'BUS']) env[`CONSE_${service.toUpperCase()}_${what}`] = `tls+tcp://127.0.0.1:${await freePort()}`;
    return env;
}

export const portOf = (address) => Number(address.split(':').at(-1));
