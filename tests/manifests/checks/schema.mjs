// Whether Kubernetes would take an object: its type, as the compiler sees it (unknown fields, other types, what is missing), and the
// formats that types don't have. Custom resources too.
import path from 'node:path';
import ts from 'typescript';
import { nameOf } from '../objects.mjs';

const FOLDER = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const FILE = path.join(FOLDER, 'rendered.ts');
const OF_OTHERS = { 'gateway.networking.k8s.io': '@kubernetes-models/gateway-api', 'external-secrets.io': '@kubernetes-models/external-secrets', 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator' };

const moduleOf = ({ apiVersion, kind }) => `${OF_OTHERS[apiVersion.split('/')[0]] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;

// A declaration a line, so that a fault's line says whose it is.
const sourceOf = (objects) =>
    objects.map((object, i) => `import type { I${object.kind} as T${i} } from ${JSON.stringify(moduleOf(object))}; export const o${i}: T${i} = ${JSON.stringify(object)};`).join('\n');

// Types that were read stay for the next objects.
const rendered = { text: '', version: 0 };
const service = ts.createLanguageService({
    getCompilationSettings: () => ({ strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ['lib.es2020.d.ts'], module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }),
    getScriptFileNames: () => [FILE],
    getScriptVersion: (name) => (name === FILE ? String(rendered.version) : '1'),
    getScriptSnapshot: (name) => (name === FILE ? ts.ScriptSnapshot.fromString(rendered.text) : ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(ts.sys.readFile(name)) : undefined),
    getCurrentDirectory: () => FOLDER,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (name) => name === FILE || ts.sys.fileExists(name),
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: ts.sys.realpath,
});

function typeFaults(objects) {
    rendered.text = sourceOf(objects);
    rendered.version++;
    return [...service.getSyntacticDiagnostics(FILE), ...service.getSemanticDiagnostics(FILE)].map(({ file, start, messageText }) => {
        const { line } = file.getLineAndCharacterOfPosition(start);
        return `${nameOf(objects[line])}: ${ts.flattenDiagnosticMessageText(messageText, ' ').slice(0, 300)}`;
    });
}

async function formatFaults(object) {
    const { [object.kind]: Model } = await import(moduleOf(object));
    try {
        new Model(object).validate();
        return [];
    } catch (error) {
        return [`${nameOf(object)}: ${error.message}`];
    }
}

export async function checkSchema(objects) {
    const formats = await Promise.all(objects.map(formatFaults));
    return [...typeFaults(objects), ...formats.flat()];
}
