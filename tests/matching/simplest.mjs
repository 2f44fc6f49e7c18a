// The simplest order book: all resting orders in one array, in the order in which they came. It reports as tests/matching/reports.c does, and has
// nothing in common with it but the benchmark's documents.
import { createHash } from 'node:crypto';

const [NEW, CANCEL] = [0, 1], BUY = 0;

class Simplest {
    constructor() {
        this.orders = [];
        this.lines = [];
        this.books = createHash('sha256');
    }

    best(side) {
        let best;
        for (const order of this.orders) if (order.side === side && (!best || (side === BUY ? order.price > best.price : order.price < best.price))) best = order;
        return best;
    }

    // Returns what is left.
    match({ sequence, order, side, price, quantity }) {
        for (let left = quantity; ; ) {
            const maker = left ? this.best(1 - side) : undefined;
            if (!maker || (side === BUY ? maker.price > price : maker.price < price)) return left;
            const traded = Math.min(left, maker.quantity);
            this.lines.push(`1,${sequence},${maker.price},${traded},${maker.order},${order}`);
            maker.quantity -= traded;
            left -= traded;
            if (!maker.quantity) this.orders.splice(this.orders.indexOf(maker), 1);
        }
    }

    place(message) {
        const { sequence, order, side, price, quantity, immediate } = message;
        this.lines.push(`0,${sequence},${side},${order},${price},${quantity}`);
        const left = this.match(message);
        if (left && immediate) this.lines.push(`2,${sequence},${side},${order},${price}`);
        else if (left) this.orders.push({ order, side, price, quantity: left });
    }

    take({ kind, sequence, order }) {
        const at = this.orders.findIndex((resting) => resting.order === order);
        if (at < 0) this.lines.push(`${kind === CANCEL ? 4 : 5},${sequence},${order}`);
        return at < 0 ? undefined : this.orders.splice(at, 1)[0];
    }

    cancel(message) {
        const gone = this.take(message);
        if (gone) this.lines.push(`2,${message.sequence},${gone.side},${message.order},${gone.price}`);
    }

    modify(message) {
        const { sequence, order, price, quantity } = message, gone = this.take(message);
        if (!gone) return;
        const left = this.match({ ...message, side: gone.side });
        this.lines.push(`3,${sequence},${gone.side},${order},${price},${quantity}`);
        if (left) this.orders.push({ order, side: gone.side, price, quantity: left });
    }

    levels(side, letter) {
        const sums = new Map();
        for (const { side: of, price, quantity } of this.orders) if (of === side) sums.set(price, (sums.get(price) ?? 0) + quantity);
        const prices = [...sums.keys()].sort((a, b) => (side === BUY ? b - a : a - b)).slice(0, 200);
        return prices.map((price) => `${letter}${price}:${sums.get(price)};`).join('');
    }

    play(message) {
        if (message.kind === NEW) this.place(message);
        else if (message.kind === CANCEL) this.cancel(message);
        else this.modify(message);
        this.books.update(`${this.levels(BUY, 'b')}${this.levels(1, 'a')}\n`);
    }
}

// {reports, books}: the hashes of what it reports, and of the book after each message.
export function playSimplest(messages) {
    const book = new Simplest();
    for (const message of messages) book.play(message);
    return { reports: createHash('sha256').update(book.lines.join('\n')).digest('hex'), books: book.books.digest('hex') };
}
