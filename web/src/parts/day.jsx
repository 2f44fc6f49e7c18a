// A day that is chosen from its month, in the calendar of the page. Arrow keys go by days and weeks, Page Up and Page Down by months.
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { monthOf, plus, weekPlace } from '../core/calendar.js';
import { language } from '../core/prefs.js';
import { dayOf, longDay, monthName, t, weekday } from '../words/words.js';
import { Button } from './controls.jsx';
import { Sheet } from './sheet.jsx';

/** @param {string} key @param {boolean} rtl */
const stepOf = (key, rtl) => ({ ArrowLeft: rtl ? 1 : -1, ArrowRight: rtl ? -1 : 1, ArrowUp: -7, ArrowDown: 7 })[key];

/** @param {string} key @param {string} day */
function goneTo(key, day) {
    const step = stepOf(key, language.value === 'fa');
    if (step) return plus(day, step);
    const month = monthOf(day, language.value);
    if (key === 'PageUp') return plus(month[0], -1);
    return key === 'PageDown' ? plus(month[month.length - 1], 1) : undefined;
}

/** @param {{day: string, chosen: boolean, reached: boolean, early: boolean, onChoose: () => void}} props */
const One = ({ day, chosen, reached, early, onChoose }) => (
    <button
        type="button" class="day" data-day={day} tabIndex={reached ? 0 : -1} autofocus={chosen} disabled={early} aria-pressed={chosen} aria-label={longDay(day)} onClick={onChoose}
        style={{ gridColumnStart: weekPlace(day, language.value) + 1 }}
    >
        {dayOf(day)}
    </button>
);

/** @param {{value: string, from: string, onChange: (day: string) => void}} props */
function Month({ value, from, onChange }) {
    const [at, go] = useState(value);
    const grid = useRef(/** @type {HTMLDivElement | null} */ (null));
    const moved = useRef(false);
    useLayoutEffect(() => {
        if (moved.current) /** @type {HTMLElement | null | undefined} */ (grid.current?.querySelector(`[data-day="${at}"]`))?.focus();
    }, [at]);
    const days = monthOf(at, language.value);
    /** @param {string} day @param {boolean} [byKey] */
    const show = (day, byKey = false) => {
        moved.current = byKey;
        go(day < from ? from : day);
    };
    /** @param {KeyboardEvent} event */
    const press = (event) => {
        const day = goneTo(event.key, at);
        if (!day) return;
        event.preventDefault();
        show(day, true);
    };
    return (
        <div class="month">
            <div class="month-head">
                <Button kind="quiet" icon="back" label={t('day.earlier')} disabled={days[0] <= from} onClick={() => show(plus(days[0], -1))} />
                <strong aria-live="polite">{monthName(days[0])}</strong>
                <Button kind="quiet" icon="next" label={t('day.later')} onClick={() => show(plus(days[days.length - 1], 1))} />
            </div>
            <div class="weeks" aria-hidden="true">{days.slice(7 - weekPlace(days[0], language.value)).slice(0, 7).map((day) => <span key={day}>{weekday(day)}</span>)}</div>
            <div class="days" role="group" aria-label={monthName(days[0])} ref={grid} onKeyDown={press}>
                {days.map((day) => <One key={day} day={day} chosen={day === value} reached={day === at} early={day < from} onChoose={() => onChange(day)} />)}
            </div>
        </div>
    );
}

/** @param {{label: string, value: string, from: string, onChange: (day: string) => void, fault?: string}} props from: the first day that may be chosen */
export function Day({ label, value, from, onChange, fault }) {
    const id = useId();
    const [open, set] = useState(false);
    const field = useRef(/** @type {HTMLDivElement | null} */ (null));
    /** @param {string} day */
    const choose = (day) => {
        onChange(day);
        set(false);
        field.current?.querySelector('button')?.focus();
    };
    return (
        <div class="field" ref={field}>
            <span class="name" id={id}>{label}</span>
            <button type="button" class="button plain wide" aria-haspopup="dialog" aria-labelledby={`${id} ${id}-day`} onClick={() => set(true)}>
                <span id={`${id}-day`}>{longDay(value)}</span>
            </button>
            {open && <Sheet title={label} onClose={() => set(false)}><Month value={value} from={from} onChange={choose} /></Sheet>}
            {fault && <p class="fault">{fault}</p>}
        </div>
    );
}
