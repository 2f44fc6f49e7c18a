// The call graph as a drawing: callers above whom they call; who follows a topic has a dashed line.
const WIDTH = 920;
const BOX = { width: 132, height: 56 };
const ROWS = [['clients'], ['gateway', 'operator'], ['ai', 'events', 'auth'], ['chain'], ['redis', 'mongodb'], ['outside']];
const TOLD = { clients: 'browsers, phones, Discord', gateway: 'HTTP, GraphQL, streams', operator: 'consectl', ai: 'ratings, summaries', events: 'games, rooms', auth: 'people, tokens', chain: 'ledger, market, Solana', redis: 'limits, presence', mongodb: 'stores', outside: 'codes, webhooks, models' };
const ROW_HEIGHT = 112;

function places() {
    const at = {};
    ROWS.forEach((row, y) => row.forEach((name, x) => (at[name] = { x: (WIDTH * (x + 1)) / (row.length + 1), y: 46 + y * ROW_HEIGHT })));
    return at;
}

// Lines begin and end at the boxes' edges, a little apart where two go between the same boxes.
function line(from, to, { dashed = false, shift = 0 } = {}) {
    const down = Math.sign(to.y - from.y);
    const level = down === 0;
    const side = Math.sign(to.x - from.x) * (BOX.width / 2);
    const [x1, y1] = level ? [from.x + side, from.y + shift] : [from.x + shift, from.y + (down * BOX.height) / 2];
    const [x2, y2] = level ? [to.x - side, to.y + shift] : [to.x + shift, to.y - (down * BOX.height) / 2];
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"${dashed ? ' stroke-dasharray="5 4"' : ''} marker-end="url(#tip)"/>`;
}

function box(name, { x, y }) {
    const [left, top] = [x - BOX.width / 2, y - BOX.height / 2];
    return `<rect x="${left}" y="${top}" width="${BOX.width}" height="${BOX.height}" rx="6"/>
<text x="${x}" y="${y - 4}" font-weight="bold">${name}</text><text x="${x}" y="${y + 14}" font-size="11">${TOLD[name]}</text>`;
}

export function pictureOf({ calls, follows, stores, front, outside }) {
    const at = places();
    const others = ([from, to]) => from !== to;
    const lines = [
        ...front.map((program) => line(at.clients, at[program])),
        ...calls.filter(others).map(([from, to]) => line(at[from], at[to], { shift: -6 })),
        ...follows.filter(others).map(([from, to]) => line(at[from], at[to], { dashed: true, shift: 6 })),
        ...Object.entries(stores).flatMap(([store, { used_by: users }]) => users.map((user) => line(at[user], at[store]))),
        ...Object.keys(outside).map((program) => line(at[program], at.outside)),
    ];
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${ROWS.length * ROW_HEIGHT}" font-family="sans-serif" font-size="14" text-anchor="middle">
<title>Who calls whom: lines are calls, dashed ones are topics that are followed</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
<g stroke="#667" stroke-width="1">
${lines.join('\n')}
</g>
<g fill="#eef3fb" stroke="#335">
${Object.entries(at).map(([name, place]) => box(name, place)).join('\n').replace(/<text/g, '<text fill="#113" stroke="none"')}
</g>
</svg>
`;
}
