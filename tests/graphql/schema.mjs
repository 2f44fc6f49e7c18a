// What GraphQL has shown it goes on showing: node schema.mjs SHOWN PUBLISHED writes the schema that is shown into the published one, unless
// that would take something away from clients that is no line of breaks.txt.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, findBreakingChanges } from 'graphql';

// What of the published schema the shown one lacks, a sentence each.
export function lost(published, shown, meant) {
  const changes = findBreakingChanges(buildSchema(published), buildSchema(shown));
  return changes.map(({ description }) => description).filter((description) => !meant.includes(description));
}

export const meantIn = (text) => text.split('\n').filter((line) => line && !line.startsWith('#'));

function main([shownFile, publishedFile]) {
  const shown = readFileSync(shownFile, 'utf8');
  const meant = meantIn(readFileSync(new URL('breaks.txt', import.meta.url), 'utf8'));
  const faults = existsSync(publishedFile) ? lost(readFileSync(publishedFile, 'utf8'), shown, meant) : [];
  for (const fault of faults) console.error(`${publishedFile}: ${fault} If that is meant, it is a line of tests/graphql/breaks.txt.`);
  if (faults.length) process.exit(1);
  writeFileSync(publishedFile, shown);
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
