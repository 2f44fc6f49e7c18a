// How a price went. A candle that rose is hollow, one that fell is full: no colour is needed to tell.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { Segments } from '../../parts/controls.jsx';
import { Loading, Refused, Section } from '../../parts/shown.jsx';
import { moment, money, t } from '../../words/words.js';

const WIDE = 640, HIGH = 220, EDGE = 8, MOST = 48;
const AGAIN_MS = 400, TRIES = 10;
const INTERVALS = ['1m', '15m', '1h', '1d'];

/** @param {{candle: any, x: number, wide: number, y: (price: number) => number}} props */
const Candle = ({ candle, x, wide, y }) => {
    const open = y(Number(candle.open)), close = y(Number(candle.close));
    return (
        <g class={Number(candle.close) < Number(candle.open) ? 'candle fell' : 'candle rose'}>
            <title>{`${moment(candle.start)}: ${money(candle.close, 'CONSE')}`}</title>
            <line x1={x} x2={x} y1={y(Number(candle.high))} y2={y(Number(candle.low))} />
            <rect x={x - wide / 2} y={Math.min(open, close)} width={wide} height={Math.max(2, Math.abs(open - close))} />
        </g>
    );
};

/** @param {{candles: any[]}} props the oldest first */
function Candles({ candles }) {
    const low = Math.min(...candles.map((one) => Number(one.low))), high = Math.max(...candles.map((one) => Number(one.high)));
    const y = (/** @type {number} */ price) => (high === low ? HIGH / 2 : EDGE + ((HIGH - 2 * EDGE) * (high - price)) / (high - low));
    const step = WIDE / Math.max(candles.length, 12);
    const said = t('market.chartSays', { low: money(low, 'CONSE'), high: money(high, 'CONSE'), last: money(candles.at(-1).close, 'CONSE') });
    return (
        <figure class="chart">
            <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={said} preserveAspectRatio="none">
                {candles.map((candle, i) => <Candle key={candle.start} candle={candle} x={WIDE - (candles.length - i - 0.5) * step} wide={Math.min(step * 0.6, 18)} y={y} />)}
            </svg>
            <figcaption class="hint">{said}</figcaption>
        </figure>
    );
}

// Candles are made a moment after the trade: asked for until they have it.
/** @param {string} role @param {string} interval @param {any} last the last trade */
function useCandles(role, interval, last) {
    const asked = useAsked((signal) => get(`/market/candles?role_id=${role}&interval=${interval}&page_size=${MOST}`, { signal }), [role, interval, last?.id]);
    const tries = useRef(0);
    useEffect(() => void (tries.current = 0), [last?.id]);
    useEffect(() => {
        const [newest] = asked.answer?.candles ?? [];
        const has = !last || (newest && Number(newest.close) === Number(last.price));
        if (!asked.answer || has || tries.current >= TRIES) return undefined;
        tries.current++;
        const timer = setTimeout(asked.again, AGAIN_MS);
        return () => clearTimeout(timer);
    }, [asked.answer, last?.id]);
    return asked;
}

/** @param {{role: string, last: any}} props */
export function Chart({ role, last }) {
    const [interval, choose] = useState('1h');
    const { answer, problem, again } = useCandles(role, interval, last);
    const candles = answer && [...answer.candles].reverse();
    return (
        <Section id="chart" title={t('market.chart')}>
            <Segments label={t('market.interval')} value={interval} onChange={choose} options={INTERVALS.map((value) => ({ value, label: t(`market.every.${value}`) }))} />
            <Refused problem={problem} onAgain={again} />
            {!candles && !problem && <Loading kind="line" rows={4} />}
            {candles?.length === 0 && <p class="hint">{t('market.noTrades')}</p>}
            {candles && candles.length > 0 && <Candles candles={candles} />}
        </Section>
    );
}
