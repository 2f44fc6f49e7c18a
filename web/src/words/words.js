// Words, numbers, times and money in the language of the page.
import { computed } from '@preact/signals';
import { noon } from '../core/calendar.js';
import { language } from '../core/prefs.js';
import en from './en.js';
import fa from './fa.js';

export const CATALOGUE = { en, fa };
const LOCALES = { en: 'en-GB', fa: 'fa-IR-u-ca-persian-nu-arabext' };

const tools = computed(() => {
    const locale = LOCALES[language.value];
    return {
        words: /** @type {Record<string, string>} */ (CATALOGUE[language.value]),
        plural: new Intl.PluralRules(locale),
        number: new Intl.NumberFormat(locale),
        list: new Intl.ListFormat(locale),
        relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
        locale,
    };
});

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export const number = (value, options) => (options ? new Intl.NumberFormat(tools.value.locale, options) : tools.value.number).format(value);

/** Names one after another: a, b and c. @param {string[]} names */
export const listed = (names) => tools.value.list.format(names);

/**
 * The words of a key, with what stands in braces filled in; `n` also chooses between key#one and key#other.
 * @param {string} key @param {Record<string, any>} [fill]
 */
export function t(key, fill = {}) {
    const { words, plural } = tools.value;
    const form = 'n' in fill ? (words[`${key}#${plural.select(fill.n)}`] ?? words[`${key}#other`]) : undefined;
    const text = form ?? words[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => (typeof fill[name] === 'number' ? number(fill[name]) : String(fill[name] ?? '')));
}

/** What `t` chooses from by `n`, for who says it elsewhere. @param {string} key */
export const formsOf = (key) => ({ one: tools.value.words[`${key}#one`], other: tools.value.words[`${key}#other`] });

/** Whether there are words for it. @param {string} key */
export const has = (key) => key in tools.value.words;

/** The value of an enum; '' when nothing was said. @param {string | undefined} value */
export const given = (value) => (!value || value.endsWith('_UNSPECIFIED') ? '' : value);

/** The name in the language of the page, where there is one. @param {{name?: string, name_fa?: string} | undefined} thing */
export const nameOf = (thing) => (language.value === 'fa' && thing?.name_fa) || thing?.name || '';

// ---- Times

/** @param {string | number | Date} time @param {string} [zone] */
export const date = (time, zone) =>
    new Intl.DateTimeFormat(tools.value.locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: zone }).format(new Date(time));
/** @param {string | number | Date} time @param {string} [zone] */
export const hour = (time, zone) =>
    new Intl.DateTimeFormat(tools.value.locale, { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: zone }).format(new Date(time));
/** @param {number} time */
export const toTheSecond = (time) =>
    new Intl.DateTimeFormat(tools.value.locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(new Date(time));

/** Day and hour. @param {string | number | Date} time @param {string} [zone] */
export const moment = (time, zone) => t('time.at', { date: date(time, zone), hour: hour(time, zone) });

/** Of a day like "2026-12-03", which is in no zone. @param {string} day @param {Intl.DateTimeFormatOptions} options */
const ofDay = (day, options) => new Intl.DateTimeFormat(tools.value.locale, { ...options, timeZone: 'UTC' }).format(noon(day));
// Intl puts a Persian year before its month, which nobody does.
/** @param {string} day @param {Intl.DateTimeFormatOptions} options */
const withYear = (day, options) => `${ofDay(day, options)} ${ofDay(day, { year: 'numeric' })}`;
/** "Thursday 3 December 2026". @param {string} day */
export const longDay = (day) => withYear(day, { weekday: 'long', day: 'numeric', month: 'long' });
/** "December 2026". @param {string} day */
export const monthName = (day) => withYear(day, { month: 'long' });
/** "3". @param {string} day */
export const dayOf = (day) => ofDay(day, { day: 'numeric' });
/** "T". @param {string} day */
export const weekday = (day) => ofDay(day, { weekday: 'narrow' });

/** Whether clocks of the zone differ from this device's then. @param {string} zone @param {string | number} time */
export const elsewhere = (zone, time) => Boolean(zone) && hour(time, zone) + date(time, zone) !== hour(time) + date(time);

const STEPS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([['day', 86400], ['hour', 3600], ['minute', 60]]);
/** "in 3 hours". @param {string | number} time @param {number} now */
export function away(time, now) {
    const seconds = (new Date(time).getTime() - now) / 1000;
    const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ['minute', 60];
    return tools.value.relative.format(Math.trunc(seconds / size), unit);
}

/** "4:05" of so many ms, never below 0. @param {number} ms */
export function span(ms) {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const two = (/** @type {number} */ value) => number(value, { minimumIntegerDigits: 2 });
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    return hours ? `${number(hours)}:${two(minutes)}:${two(seconds % 60)}` : `${number(minutes)}:${two(seconds % 60)}`;
}

// ---- Money

const MINOR = { CONSE: 100, LAMPORTS: 1e9 };
const SIGNS = { CONSE: 'CONSE', LAMPORTS: 'SOL' };

/** @param {number | string} amount in minor units @param {'CONSE' | 'LAMPORTS'} currency */
export const money = (amount, currency) =>
    `\u2068${number(Number(amount) / MINOR[currency], { maximumFractionDigits: currency === 'CONSE' ? 2 : 9 })}\u00a0${SIGNS[currency]}\u2069`;

/** @param {{amount?: string, currency?: string} | undefined} price */
export const priceOf = (price) =>
    price?.currency === 'CONSE' || price?.currency === 'LAMPORTS' ? money(price.amount ?? 0, price.currency) : t('price.free');

// ---- Digits that people write

/** Persian and Arabic digits as the API takes them. @param {string} text */
export const digits = (text) =>
    text.replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0)).replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660));

/** What is wrong, in words of this page where there are some. @param {any} problem */
export function refusalOf(problem) {
    const key = `problem.${problem?.code}`;
    if (has(key)) return t(key, { wait: span((problem.retryAfter || 1) * 1000) });
    return problem?.detail || t('problem.unknown');
}
