// rooms.mjs: checks every include of our C against tools/rooms.txt; prints what is refused and fails.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, basename } from 'node:path';

const VENDORS = ['argon2', 'curl', 'gnutls', 'hiredis', 'jansson', 'libical', 'microhttpd', 'mongoc', 'nng', 'openssl', 'protobuf-c', 'qrencode', 'seccomp', 'sodium', 'sqlite3',
    'unicode', 'utf8proc', 'wslay', 'zlib'];

function readRooms(text) {
    const rooms = new Map();
    for (const line of text.split('\n')) {
        if (!line.trim() || line.startsWith('#')) continue;
        const [, name, faces, uses, vendors] = /^(\S+): ([^;]+); ([^;]+); ([^;]+)$/.exec(line) ?? [];
        if (!name) throw new Error(`rooms.txt: "${line}" is not "room: faces; uses; vendors"`);
        if (rooms.has(name)) throw new Error(`rooms.txt: ${name} is there twice`);
        const words = (list) => new Set(list.trim() === '-' ? [] : list.trim().split(/\s+/));
        rooms.set(name, { name, faces: words(faces), uses: words(uses), vendors: words(vendors) });
    }
    return rooms;
}

const rooms = readRooms(readFileSync('tools/rooms.txt', 'utf8'));
const within = (inner, outer) => inner === outer || inner.startsWith(`${outer}/`);
const isForTests = (path) => /_(test|fuzz|bench)\.c$|(^|\/)testing\/|^tests\/|^tools\/bench\//.test(path);
// What stands in testing/ belongs to the room around it.
const roomOf = (path) => dirname(path).replace(/\/testing$/, '');
const houseOf = (room) => room.split('/').slice(0, 2).join('/');

function mayInclude(from, header) {
    const room = rooms.get(roomOf(from));
    const target = rooms.get(roomOf(header));
    if (header === 'tests/test.h') return isForTests(from);
    if (!target) return false;
    if (room === target) return true;
    const face = target.faces.has('all') || target.faces.has(basename(header));
    if (isForTests(from)) return face || isForTests(header) || houseOf(room.name) === houseOf(target.name);
    if (isForTests(header)) return false;
    if (within(room.name, target.name) && room.name.startsWith('lib/')) return true; // a library's inner room knows the outer
    const used = room.uses.has(target.name) || (room.uses.has('below') && within(target.name, room.name));
    return face && used;
}

function refusals(path) {
    const found = [];
    const room = rooms.get(roomOf(path));
    if (!room && !path.startsWith('tests/')) return [`${path}: ${roomOf(path)} is not in tools/rooms.txt`];
    for (const [, quoted, angled] of readFileSync(path, 'utf8').matchAll(/^#include (?:"([^"]+)"|<([^>]+)>)/gm)) {
        if (room && quoted?.includes('/') && !quoted.endsWith('.pb-c.h') && !mayInclude(path, quoted))
            found.push(`${path}: ${quoted} is not for ${room.name}`);
        const vendor = angled?.split(/[/.]/)[0];
        if (VENDORS.includes(vendor) && room && !isForTests(path) && !room.vendors.has(vendor))
            found.push(`${path}: <${angled}> is not for ${room.name}`);
    }
    return found;
}

const paths = execFileSync('git', ['ls-files', '*.c', '*.h'], { encoding: 'utf8' }).trim().split('\n');
const refused = paths.flatMap(refusals);
for (const line of refused) console.error(line);
process.exitCode = refused.length ? 1 : 0;
