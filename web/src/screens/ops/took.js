// How long something took, in words.
import { number, t } from '../../words/words.js';

/** @param {number} us */
export const took = (us) => t('ops.ms', { ms: number(us / 1000, { maximumFractionDigits: us < 10_000 ? 1 : 0 }) });
