// How well one plays: the range in which it lies, and what each game changed, and why.
import { useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { user } from '../../core/session.js';
import { Button } from '../../parts/controls.jsx';
import { Loading, Refused, Section } from '../../parts/shown.jsx';
import { date, number, t } from '../../words/words.js';

const FELT = 0.05; // points: what is less is not told

/** @param {number} value */
const points = (value) => number(value, { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** @param {{rating: any}} props */
const Range = ({ rating }) => {
    const least = Math.min(0, rating.low), most = Math.max(50, rating.high);
    const at = (/** @type {number} */ value) => `${(100 * (value - least)) / (most - least)}%`;
    return (
        <div class="range" aria-hidden="true">
            <span class="range-span" style={{ insetInlineStart: at(rating.low), inlineSize: `calc(${at(rating.high)} - ${at(rating.low)})` }} />
            <span class="range-at" style={{ insetInlineStart: at(rating.mu) }} />
        </div>
    );
};

/** @param {{label: string, value: string}} props */
const Figure = ({ label, value }) => <div><dt>{label}</dt><dd>{value}</dd></div>;

/** @param {any} why */
const because = ({ expected, result, handicap }) => [
    t(result > 0 ? 'me.whyWon' : 'me.whyLost', { chance: number(expected, { style: 'percent' }) }),
    Math.abs(handicap) > FELT && t(handicap > 0 ? 'me.whyEasy' : 'me.whyHard', { points: points(Math.abs(handicap)) }),
].filter(Boolean).join(' ');

/** @param {{change: any}} props */
const Change = ({ change }) => (
    <li>
        <a href={`/c/event/${change.event_id}`}>
            <span>{date(change.time)}</span>
            <strong class={change.change < 0 ? 'fell' : 'rose'} dir="ltr">{number(change.change, { signDisplay: 'always', maximumFractionDigits: 1 })}</strong>
        </a>
        {change.why && <small>{because(change.why)}</small>}
        {change.after && <small>{t('me.became', { before: points(change.before?.rating ?? 0), after: points(change.after.rating) })}</small>}
    </li>
);

/** @param {{first: any[], games: number}} props */
function History({ first, games }) {
    const [older, set] = useState(/** @type {{list: any[], next: string} | null} */ (null));
    const { busy, problem, run } = useTap();
    const list = older?.list ?? first;
    const more = older ? older.next : games > first.length;
    const load = () =>
        run(async () => {
            const answer = await get(`/ratings/${user.value.id}/history?page_size=50&page_token=${encodeURIComponent(older?.next ?? '')}`);
            set({ list: [...(older?.list ?? []), ...answer.changes], next: answer.next_page_token });
        });
    if (!list.length) return null;
    return (
        <>
            <h3>{t('me.history')}</h3>
            <ol class="list changes">{list.map((change) => <Change key={change.event_id} change={change} />)}</ol>
            <Refused problem={problem} />
            {more && <Button wide busy={busy} onClick={load}>{t('inbox.older')}</Button>}
        </>
    );
}

export function Rating() {
    const { answer, problem, again } = useAsked((signal) => get(`/ratings/${user.value.id}`, { signal }), [user.value.id]);
    const rating = answer?.rating;
    return (
        <Section id="rating" icon="seal" title={t('me.rating')}>
            <Refused problem={problem?.status === 404 ? null : problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={2} />}
            {(problem?.status === 404 || rating?.games === 0) && <p class="hint">{t('me.ratingNone')}</p>}
            {rating?.games > 0 && (
                <>
                    <p class="big">{points(rating.rating)} {rating.provisional && <span class="badge">{t('me.provisional')}</span>}</p>
                    <Range rating={rating} />
                    <p class="hint">{t('me.ratingRange', { low: points(rating.low), high: points(rating.high) })}</p>
                    <dl class="figures">
                        <Figure label={t('me.games')} value={number(rating.games)} />
                        <Figure label={t('me.won')} value={number(rating.won)} />
                        {rating.place > 0 && <Figure label={t('me.place')} value={number(rating.place)} />}
                    </dl>
                    <History first={answer.history} games={rating.games} />
                </>
            )}
        </Section>
    );
}
