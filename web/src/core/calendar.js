// Months as the calendar of a language has them. A day is "2026-12-03", in no zone; what another calendar calls it, Intl says.
const DAY_MS = 86_400_000;
const CALENDARS = { en: { name: 'gregory', first: 1 }, fa: { name: 'persian', first: 6 } }; // first: day of the week, 0 is Sunday

/** @typedef {'en' | 'fa'} Language */

/** @param {string} day */
export const noon = (day) => new Date(`${day}T12:00:00Z`);
/** @param {string} day @param {number} days */
export const plus = (day, days) => new Date(noon(day).getTime() + days * DAY_MS).toISOString().slice(0, 10);

/** Which day of its month it is. @param {string} day @param {Language} language */
const placeOf = (day, language) =>
    Number(new Intl.DateTimeFormat(`en-u-ca-${CALENDARS[language].name}-nu-latn`, { day: 'numeric', timeZone: 'UTC' }).format(noon(day)));

/** All days of the month that the day is in. @param {string} day @param {Language} language */
export function monthOf(day, language) {
    const days = [plus(day, 1 - placeOf(day, language))];
    for (let next = plus(days[0], 1); placeOf(next, language) !== 1; next = plus(next, 1)) days.push(next);
    return days;
}

/** How many days of its week are before it. @param {string} day @param {Language} language */
export const weekPlace = (day, language) => (noon(day).getUTCDay() - CALENDARS[language].first + 7) % 7;
