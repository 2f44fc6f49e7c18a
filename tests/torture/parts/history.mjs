// What a run leaves in its folder: history.jsonl (a record a line, parts/client.mjs), logs.json (every event's log as it is in the end)
// and run.json (seed, schedule, faults as they were done).
import fs from 'node:fs';
import path from 'node:path';

export function makeHistory(folder) {
    fs.mkdirSync(folder, { recursive: true });
    const file = fs.createWriteStream(path.join(folder, 'history.jsonl'));
    const records = [];
    const add = (record) => {
        const kept = { id: records.length, ...record };
        records.push(kept);
        file.write(`${JSON.stringify(kept)}\n`);
        return kept;
    };
    const write = (name, content) => fs.writeFileSync(path.join(folder, name), JSON.stringify(content, null, 1));
    const close = () => new Promise((resolve) => file.end(resolve));
    return { folder, records, add, write, close };
}

export function readHistory(folder) {
    const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
    const lines = fs.readFileSync(path.join(folder, 'history.jsonl'), 'utf8').split('\n').filter(Boolean);
    return { records: lines.map((line) => JSON.parse(line)), logs: read('logs.json'), run: read('run.json') };
}
