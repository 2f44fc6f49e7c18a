// The system of docker-compose.yml: its secrets, its containers, and a `system` for what the end-to-end tests share.
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { docker, inspect, ROOT, WORK } from './engine.mjs';

const run = promisify(execFile);
export const SERVICES = ['gateway', 'auth', 'events', 'chain', 'ai'];
export const IMAGES = [...SERVICES, 'operator'];

// As deploy/setup.sh leaves them: root's, read by the programs' group.
function writeSecrets(folder, keys) {
    const stores = Object.fromEntries(['auth', 'events', 'chain', 'ai'].map((name) => [`${name}-store`, `mongodb://mongodb:7441/conse_${name}`]));
    const secrets = { ...keys, ...stores, cache: 'redis://redis:6379/0', channels: 'redis://redis:6379/0' };
    secrets['front.pem'] = ['cert.pem', 'key.pem'].map((name) => fs.readFileSync(path.join(WORK, name), 'utf8')).join('');
    fs.mkdirSync(folder, { recursive: true });
    for (const [name, value] of Object.entries(secrets)) {
        const file = path.join(folder, name);
        fs.writeFileSync(file, value, { mode: 0o440 });
        fs.chownSync(file, 0, 65532);
    }
}

// {system, compose(...words), containers(service), kill(service), story(), stop(), renew()}; with `tls` services speak TLS to each other, and
// renew() makes their certificates anew.
export async function installation(project, { https, http, keys, tls = false }) {
    const secrets = path.join(WORK, 'secrets', project);
    writeSecrets(secrets, keys);
    const env = {
        ...process.env,
        DOCKER_HOST: `unix://${path.join(WORK, 'docker/engine.sock')}`,
        DOCKER_BUILDKIT: '0',
        COMPOSE_PROJECT_NAME: project,
        CONSE_SECRETS: secrets,
        CONSE_HTTPS: String(https),
        CONSE_HTTP: String(http),
        CONSE_FRONT_REQUESTS: '1000000',
        CONSE_TAG: 'test',
        COMPOSE_FILE: tls ? 'docker-compose.yml:deploy/compose/tls.yml' : 'docker-compose.yml',
    };
    const renew = () => run('deploy/compose/certificates.sh', [path.join(WORK, `${project}-authority`)], { env, cwd: ROOT });
    if (tls) await renew();
    const compose = (...words) => run('docker-compose', words, { env, cwd: ROOT, maxBuffer: 1 << 26 });
    const bin = path.join(WORK, 'secrets', `${project}-bin`);
    fs.mkdirSync(bin, { recursive: true });
    fs.writeFileSync(path.join(bin, 'consectl'), `#!/bin/sh\ncd ${ROOT} && exec docker-compose run --rm -T consectl "$@" 2>"${bin}/err"\n`, { mode: 0o755 });
    const containers = async (service) => (await docker('ps', '-q', '--filter', `label=com.docker.compose.project=${project}`, '--filter', `label=com.docker.compose.service=${service}`)).split('\n').filter(Boolean);
    // As a crash does: Docker does not know of it.
    const kill = async (service) => {
        for (const id of await containers(service)) {
            const { State: state } = await inspect(id);
            if (!state.Running || !(state.Pid > 1)) throw new Error(`${service} does not run`); // 0 would be ourselves
            process.kill(state.Pid, 'SIGKILL');
        }
    };
    const story = async () => {
        const { stdout } = await compose('ps');
        const logs = await compose('logs', '--no-color', '--tail', '5');
        return `${stdout}${logs.stdout}`;
    };
    const stop = () => compose('down', '-v', '-t', '45');
    return { project, env, compose, containers, kill, story, stop, renew, system: { url: `https://localhost:${https}`, bin, env } };
}

export const newKey = () => execFileSync('openssl', ['rand', '-hex', '32'], { encoding: 'utf8' });
