// When a table begins: a day, an hour and minutes, by this device's clock.
import { now } from '../../core/clock.js';
import { Select } from '../../parts/controls.jsx';
import { Day } from '../../parts/day.jsx';
import { number, t } from '../../words/words.js';
import { localOf } from './use_plan.js';

const MINUTES = 5;
const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
const HOURS = Array.from({ length: 24 }, (_, hour) => two(hour));
const STEPS = Array.from({ length: 60 / MINUTES }, (_, step) => two(step * MINUTES));
const optionsOf = (/** @type {string[]} */ values) => values.map((value) => ({ value, label: number(Number(value), { minimumIntegerDigits: 2 }) }));

/** @param {{value: string, onChange: (value: string) => void, fault?: string}} props value: "2026-12-03T20:30" */
export function When({ value, onChange, fault }) {
    const [day, time] = value.split('T');
    const [hour, minute] = time.split(':');
    const put = (/** @type {{day?: string, hour?: string, minute?: string}} */ change) => {
        const all = { day, hour, minute, ...change };
        onChange(`${all.day}T${all.hour}:${all.minute}`);
    };
    return (
        <div class="when-box">
            <Day label={t('plan.at')} value={day} from={localOf(new Date(now())).slice(0, 10)} onChange={(day) => put({ day })} fault={fault} />
            <div class="when-time">
                <Select label={t('plan.hour')} name="hour" value={hour} options={optionsOf(HOURS)} onChange={(hour) => put({ hour })} />
                <Select label={t('plan.minute')} name="minute" value={minute} options={optionsOf(STEPS)} onChange={(minute) => put({ minute })} />
            </div>
        </div>
    );
}
