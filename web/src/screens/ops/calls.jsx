// Calls as they come: how many a second, and how long they take.
import { Empty, Loading, Refused, Section } from '../../parts/shown.jsx';
import { POINTS } from '../../core/rates.js';
import { number, t } from '../../words/words.js';
import { took } from './took.js';
import { useServices } from './use_services.js';

const WIDE = 240, HIGH = 36;

/** @typedef {import('../../core/rates.js').Line} Line */

/** @param {number} rate */
const rated = (rate) => number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 });

/** The last minutes, the newest at the end. @param {{points: number[]}} props */
function Spark({ points }) {
    const most = Math.max(1, ...points), step = WIDE / POINTS;
    return (
        <svg class="spark" viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {points.map((rate, i) => <rect key={i} x={WIDE - (points.length - i) * step} y={HIGH - (HIGH * rate) / most} width={step * 0.8} height={(HIGH * rate) / most} />)}
        </svg>
    );
}

/** @param {{line: Line}} props */
const Row = ({ line: { kind, rate, p99, points } }) => (
    <li class="rate">
        <span class="rate-name"><strong>{t(`ops.class.${kind}`)}</strong><small>{t('ops.p99', { time: took(p99) })}</small></span>
        <Spark points={points} />
        <strong class="rate-now">{t('ops.perSecond', { rate: rated(rate) })}</strong>
    </li>
);

/** @param {{name: string, lines: Line[]}} props */
const Service = ({ name, lines }) => (
    <Section id={`calls-${name}`} title={t(`ops.service.${name}`)}>
        <ul class="list">{lines.map((line) => <Row key={line.key} line={line} />)}</ul>
    </Section>
);

export function Calls() {
    const { services, rates, problem, again } = useServices();
    const names = [...new Set(rates.lines.map(({ service }) => service))];
    return (
        <>
            <p class="hint">{t('ops.callsHint')}</p>
            <Refused problem={problem} onAgain={again} />
            {!services && !problem && <Loading rows={5} />}
            {services && names.length === 0 && <Empty icon="moon" title={t('ops.noCalls')} />}
            <div class="wall">{names.map((name) => <Service key={name} name={name} lines={rates.lines.filter(({ service }) => service === name)} />)}</div>
        </>
    );
}
