// sbom.mjs COMMIT VERSION PROGRAM...: what the programs are made of, as CycloneDX: their checksums, and the Debian packages that they need when
// they run, with the versions of this machine, on which they were built.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [commit, version, ...programs] = process.argv.slice(2);
const needed = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../deploy/needed_packages.sh');
const linesOf = (command, ...words) => execFileSync(command, words, { encoding: 'utf8' }).split('\n').filter(Boolean);

const application = (file) => ({
    type: 'application', name: path.basename(file), version,
    hashes: [{ alg: 'SHA-256', content: crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex') }],
});
// A package of several architectures that are installed has a line for each; ours is the machine's own.
const library = (name) => {
    const [installed] = linesOf('dpkg-query', '-W', '-f', '${Version} ${Architecture}\n', name);
    const [installedVersion, architecture] = installed.split(' ');
    return { type: 'library', name, version: installedVersion, purl: `pkg:deb/debian/${name}@${encodeURIComponent(installedVersion)}?arch=${architecture}` };
};

console.log(JSON.stringify({
    bomFormat: 'CycloneDX', specVersion: '1.5', version: 1,
    metadata: { component: { type: 'application', name: 'conse', version, properties: [{ name: 'conse:commit', value: commit }] } },
    components: [...programs.map(application), ...linesOf(needed, ...programs).map(library)],
}, null, 2));
