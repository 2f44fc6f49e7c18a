// The book of a role's orders: as a stream began with it, and with each change since.

/** @typedef {{price: number, quantity: number, orders: number}} Level */
/** @typedef {{bids: Level[], asks: Level[], trades: any[], last: any, stopped: boolean}} Book */

const KEPT = 50; // trades

const levelOf = (/** @type {any} */ { price, quantity, orders }) => ({ price: Number(price), quantity: Number(quantity), orders: Number(orders) });

/** @param {any} state @returns {Book} */
export const bookOf = (state) => ({
    bids: (state.bids ?? []).map(levelOf), asks: (state.asks ?? []).map(levelOf), trades: [], last: state.last, stopped: Boolean(state.stopped),
});

// A change has what a level has now; nothing is left of one without a quantity.
/** @param {Level[]} levels @param {any[]} changes @param {1 | -1} way of prices, from the best on */
function merge(levels, changes, way) {
    const byPrice = new Map(levels.map((level) => [level.price, level]));
    for (const change of changes.map(levelOf)) {
        if (change.quantity) byPrice.set(change.price, change);
        else byPrice.delete(change.price);
    }
    return [...byPrice.values()].sort((one, two) => way * (one.price - two.price));
}

/** @param {Book} book @param {any} entry @returns {Book} */
export const changed = (book, { bids = [], asks = [], trades = [] }) => ({
    ...book,
    bids: merge(book.bids, bids, -1),
    asks: merge(book.asks, asks, 1),
    trades: [...[...trades].reverse(), ...book.trades].slice(0, KEPT),
    last: trades.at(-1) ?? book.last,
});
