// Amounts that people write, in any digits and with a point, a comma or a momayyez, as whole minor units.
import { digits, number } from '../words/words.js';

const MOST = 2 ** 53 - 1;

/** NaN where it is no amount, or has more digits behind the point than there are. @param {string} text @param {number} [places] */
export function minorOf(text, places = 2) {
    const parts = /^(\d+)(?:[.,\u066b](\d+))?$/.exec(digits(text).trim());
    if (!parts || (parts[2] ?? '').length > places) return NaN;
    const amount = Number(parts[1] + (parts[2] ?? '').padEnd(places, '0'));
    return amount <= MOST ? amount : NaN;
}

/** As it is written into a field. @param {number} amount @param {number} [places] */
export const written = (amount, places = 2) => number(amount / 10 ** places, { maximumFractionDigits: places, useGrouping: false });
