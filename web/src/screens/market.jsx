// S16: cards of roles for CONSE. All roles that have cards; or one, with its book, its chart, and orders.
import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { written } from '../core/amounts.js';
import { get } from '../core/calls.js';
import { route } from '../core/router.js';
import { settled, user } from '../core/session.js';
import { loadRoles } from '../parts/catalogue.js';
import { LinkButton } from '../parts/controls.jsx';
import { Icon } from '../parts/icons.jsx';
import { Empty, Loading, Refused, Section, useTitle } from '../parts/shown.jsx';
import { money, number, t } from '../words/words.js';
import { Chart } from './market/chart.jsx';
import { Ladder, Trades } from './market/ladder.jsx';
import { Cards, Orders, roleName } from './market/mine.jsx';
import { Order } from './market/order.jsx';
import { useMarket, useMine } from './market/use_market.js';

/** @param {{label: string, level: any}} props */
const Price = ({ label, level }) => <span><small>{label}</small> {level ? money(level.price, 'CONSE') : '–'}</span>;

/** @param {{ticker: any}} props */
const Ticker = ({ ticker }) => {
    const moved = ticker.last && Number(ticker.before) ? (100 * (Number(ticker.last.price) - Number(ticker.before))) / Number(ticker.before) : 0;
    return (
        <li>
            <a class="ticker" href={`/c/market/${ticker.role_id}`}>
                <span class="ticker-name"><strong>{roleName(ticker.role_id)}</strong><small>{t('market.cards', { n: ticker.cards })}</small></span>
                <span class="ticker-last">
                    <strong>{ticker.last ? money(ticker.last.price, 'CONSE') : '–'}</strong>
                    {moved !== 0 && <small class={moved < 0 ? 'fell' : 'rose'}><span dir="ltr">{number(moved / 100, { style: 'percent', signDisplay: 'always', maximumFractionDigits: 1 })}</span></small>}
                </span>
                <span class="ticker-best"><Price label={t('market.bid')} level={ticker.bid} /><Price label={t('market.ask')} level={ticker.ask} /></span>
            </a>
        </li>
    );
};

function All() {
    const { turn, again } = useMarket('');
    const tickers = useAsked((signal) => get('/market/tickers', { signal }), [turn]);
    const mine = useMine('', turn);
    return (
        <>
            <header class="head"><h1>{t('market.title')}</h1><p>{t('market.hint')}</p></header>
            <Refused problem={tickers.problem ?? mine.problem} onAgain={again} />
            {mine.answer && <p class="balance-line"><Icon name="coin" />{t('market.balance')} <strong>{money(mine.answer.conse, 'CONSE')}</strong></p>}
            {!tickers.answer && !tickers.problem && <Loading kind="line" />}
            <div class="columns">
                {tickers.answer && (
                    <Section id="roles" icon="coin" title={t('market.roles')}>
                        {tickers.answer.tickers.length === 0 && <p class="hint">{t('market.none')}</p>}
                        <ul class="list">{tickers.answer.tickers.map((/** @type {any} */ ticker) => <Ticker key={ticker.role_id} ticker={ticker} />)}</ul>
                    </Section>
                )}
                {mine.answer && <div><Cards cards={mine.answer.cards} named /><Orders orders={mine.answer.orders} named onDone={again} /></div>}
            </div>
        </>
    );
}

/** @param {{role: string}} props */
function One({ role }) {
    const { book, gone, up, turn, again } = useMarket(role);
    const mine = useMine(role, turn);
    const [price, write] = useState('');
    const before = useAsked((signal) => get(`/market/trades?role_id=${role}&page_size=20`, { signal }), [role]);
    if (gone) return <Empty top title={t('market.nothing')} hint={t('market.nothingHint')}><LinkButton kind="main" href="/c/market">{t('market.roles')}</LinkButton></Empty>;
    const since = book?.trades ?? [];
    const known = new Set(since.map(({ id }) => id));
    const trades = [...since, ...(before.answer?.trades ?? []).filter((/** @type {any} */ { id }) => !known.has(id))];
    const free = mine.answer?.cards.filter((/** @type {any} */ card) => card.order_id === '0').length ?? 0;
    return (
        <>
            <header class="lead-head"><h1 class="table-title">{roleName(role)}</h1><LinkButton kind="quiet" icon="close" href="/c/market" label={t('market.roles')} /></header>
            {!up && <p class="notice bad" role="status"><Icon name="away" />{t('market.away')}</p>}
            <Refused problem={mine.problem} onAgain={again} />
            {!book && <Loading />}
            {book && (
                <div class="columns">
                    <div>
                        <Order role={role} price={price} onPrice={write} stopped={book.stopped} have={{ conse: mine.answer?.conse ?? 0, cards: free }} onPlaced={again} />
                        {mine.answer && <Orders orders={mine.answer.orders} onDone={again} />}
                        {mine.answer && <Cards cards={mine.answer.cards} />}
                    </div>
                    <div>
                        <Ladder book={book} onPick={(picked) => write(written(picked))} />
                        <Chart role={role} last={book.last} />
                        <Trades trades={trades} />
                    </div>
                </div>
            )}
        </>
    );
}

export function Screen() {
    const { id } = route.value;
    useEffect(() => void loadRoles(), []);
    useTitle(t('market.title'));
    if (!settled.value) return <div class="page"><Loading /></div>;
    if (!user.value) return <div class="page"><Empty top icon="coin" title={t('market.title')} hint={t('market.hint')}><LinkButton kind="main" href={`/c/door?next=/c/market/${id}`}>{t('nav.door')}</LinkButton></Empty></div>;
    return <div class="page market">{id ? <One key={id} role={id} /> : <All />}</div>;
}
