// The offers, the dearest above, and the trades that were made of them. A press on an offer takes its price into the order.
import { Section } from '../../parts/shown.jsx';
import { money, number, t, toTheSecond } from '../../words/words.js';

const ROWS = 6;

/** @param {{level: import('../../core/book.js').Level, most: number, kind: 'ask' | 'bid', onPick: (price: number) => void}} props */
const Level = ({ level, most, kind, onPick }) => (
    <li>
        <button type="button" class={`level ${kind}`} onClick={() => onPick(level.price)}>
            <span class="level-bar" aria-hidden="true" style={{ inlineSize: `${(100 * level.quantity) / most}%` }} />
            <span class="unseen">{t(`market.${kind}`)}</span>
            <span>{money(level.price, 'CONSE')}</span>
            <span>{t('market.cards', { n: level.quantity })}</span>
        </button>
    </li>
);

/** @param {{book: import('../../core/book.js').Book, onPick: (price: number) => void}} props */
export function Ladder({ book, onPick }) {
    const asks = book.asks.slice(0, ROWS).reverse(), bids = book.bids.slice(0, ROWS);
    const most = Math.max(1, ...[...asks, ...bids].map((level) => level.quantity));
    const spread = book.asks[0] && book.bids[0] ? book.asks[0].price - book.bids[0].price : null;
    return (
        <Section id="ladder" title={t('market.ladder')}>
            {asks.length === 0 && <p class="hint">{t('market.noAsks')}</p>}
            <ol class="ladder" aria-label={t('market.asks')}>{asks.map((level) => <Level key={level.price} level={level} most={most} kind="ask" onPick={onPick} />)}</ol>
            <p class="spread">
                {book.last ? <span>{t('market.last')} <strong>{money(book.last.price, 'CONSE')}</strong></span> : t('market.noTrades')}
                {spread !== null && <small>{t('market.spread', { money: money(spread, 'CONSE') })}</small>}
            </p>
            <ol class="ladder" aria-label={t('market.bids')}>{bids.map((level) => <Level key={level.price} level={level} most={most} kind="bid" onPick={onPick} />)}</ol>
            {bids.length === 0 && <p class="hint">{t('market.noBids')}</p>}
        </Section>
    );
}

/** @param {{trades: any[]}} props */
export const Trades = ({ trades }) => (
    <Section id="trades" title={t('market.trades')}>
        {trades.length === 0 && <p class="hint">{t('market.noTrades')}</p>}
        <ol class="list trades">
            {trades.slice(0, 12).map((trade) => (
                <li key={trade.id}>
                    <small>{toTheSecond(new Date(trade.time).getTime())}</small>
                    <span>{t(`market.was.${trade.side}`)}</span>
                    <strong>{number(trade.quantity)} × {money(trade.price, 'CONSE')}</strong>
                </li>
            ))}
        </ol>
    </Section>
);
