// The outcome table as docs/payments.md has it: what happens, by the place of who pays.
import fs from 'node:fs';

export const LETTERS = [...'HSWXLKGO'];

const cellsOf = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim());

// {says: {H: 'seat', ...}}; a cell that cannot be so has "–".
export function readTable() {
    const page = fs.readFileSync(new URL('../../../../docs/payments.md', import.meta.url), 'utf8').split('\n');
    const head = page.findIndex((line) => line.startsWith('| what happens | H | S | W | X | L | K | G | O |'));
    const end = page.findIndex((line, i) => i > head && !line.startsWith('|'));
    const rows = page.slice(head + 2, end).map(cellsOf);
    return Object.fromEntries(rows.map(([says, ...cells]) => [says, Object.fromEntries(LETTERS.map((letter, i) => [letter, cells[i]]))]));
}
