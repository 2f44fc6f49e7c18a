// A client that keeps a role's book from its stream alone, as docs/market.md says: a snapshot, then every change, each with a checksum.
import zlib from 'node:zlib';

const CHECKED = 10;

const byPrice = (side) => (a, b) => (side === 'asks' ? a - b : b - a);

export class Book {
    constructor() {
        this.asks = new Map();
        this.bids = new Map();
        this.index = undefined; // of the newest message
        this.seen = { snapshots: 0, messages: 0, resets: 0, trades: 0 };
        this.faults = [];
    }

    levels(side, most) {
        return [...this[side].keys()].sort(byPrice(side)).slice(0, most).map((price) => [price, this[side].get(price)]);
    }

    checksum() {
        const text = ['asks', 'bids'].flatMap((side) => this.levels(side, CHECKED)).map(([price, quantity]) => `${price}:${quantity};`).join('');
        return zlib.crc32 ? zlib.crc32(text) : crc32(text);
    }

    check(told, what) {
        const own = this.checksum();
        if (own !== Number(told ?? 0)) this.faults.push(`${what}: ${own}, told ${told}`);
    }

    snapshot(cursor, state) {
        for (const side of ['asks', 'bids']) this[side] = new Map((state[side] ?? []).map(({ price, quantity }) => [Number(price), Number(quantity)]));
        this.index = Number(cursor.split('.')[1]);
        this.seen.snapshots++;
        this.check(state.checksum, `snapshot ${cursor}`);
    }

    message(entry) {
        if (Number(entry.index) !== this.index + 1) this.faults.push(`${entry.index} after ${this.index}`);
        this.index = Number(entry.index);
        for (const side of ['asks', 'bids'])
            for (const { price, quantity } of entry[side] ?? []) {
                if (Number(quantity ?? 0)) this[side].set(Number(price), Number(quantity));
                else this[side].delete(Number(price));
            }
        this.seen.messages++;
        this.seen.trades += entry.trades?.length ?? 0;
        this.check(entry.checksum, `message ${entry.index}`);
    }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
});
function crc32(text) {
    let sum = -1;
    for (const byte of Buffer.from(text)) sum = TABLE[(sum ^ byte) & 0xff] ^ (sum >>> 8);
    return (sum ^ -1) >>> 0;
}
