// Asks our program about many documents at once.
import { spawnSync } from 'node:child_process';

const frame = (bytes) => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes.length);
  return Buffer.concat([head, bytes]);
};

const unframe = (bytes) => {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    found.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return found;
};

const understand = (answer) => {
  if (answer.startsWith('accept\n')) return { printed: answer.slice(7) };
  const [, reason, rule] = answer.split(' ');
  return { reason, rule, message: answer };
};

export const verdicts = (schema, documents, ...mode) => {
  const program = process.env.CONSE_GRAPHQL_VERDICT;
  if (!program) throw new Error('CONSE_GRAPHQL_VERDICT is not set: make test-graphql');
  const run = spawnSync(program, [schema, ...mode], { input: Buffer.concat(documents.map(frame)), maxBuffer: 1 << 28 });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${program} ended with ${run.status ?? run.signal}: ${run.stderr}`);
  const answers = unframe(run.stdout).map(understand);
  if (answers.length !== documents.length) throw new Error(`${answers.length} answers to ${documents.length} documents`);
  return answers;
};
