// One's own open orders and cards.
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { roles } from '../../parts/catalogue.js';
import { Button } from '../../parts/controls.jsx';
import { Refused, Section, say } from '../../parts/shown.jsx';
import { money, nameOf, number, t } from '../../words/words.js';

/** @param {string} id */
export const roleName = (id) => nameOf(roles.value[id]) || t('market.role', { id: id.slice(-6) });

/** @param {{order: any, named: boolean, onDone: () => void}} props */
function Open({ order, named, onDone }) {
    const { busy, problem, run } = useTap();
    const withdraw = () => run(async () => (await send('DELETE', `/market/orders/${order.id}`), say(t('market.withdrawn')), onDone()));
    return (
        <li class="row split-row">
            <span class="told-text">
                {named && <strong><a href={`/c/market/${order.role_id}`}>{roleName(order.role_id)}</a></strong>}
                <span>{t(`market.${order.side}`)} {number(order.remaining)} × {money(order.price, 'CONSE')}</span>
                {order.filled > 0 && <small>{t('market.part', { filled: order.filled, all: order.quantity })}</small>}
                <Refused problem={problem} />
            </span>
            <Button busy={busy} onClick={withdraw}>{t('market.withdraw')}</Button>
        </li>
    );
}

/** @param {{orders: any[], named?: boolean, onDone: () => void}} props */
export const Orders = ({ orders, named = false, onDone }) => (
    <Section id="orders" title={t('market.orders')}>
        {orders.length === 0 && <p class="hint">{t('market.noOrders')}</p>}
        <ol class="list">{orders.map((order) => <Open key={order.id} order={order} named={named} onDone={onDone} />)}</ol>
    </Section>
);

/** @param {{cards: any[], named?: boolean}} props */
export function Cards({ cards, named = false }) {
    /** @type {Map<string, any[]>} */
    const byRole = new Map();
    for (const card of cards) byRole.set(card.role_id, [...(byRole.get(card.role_id) ?? []), card]);
    return (
        <Section id="cards" icon="cards" title={t('market.mine')}>
            {cards.length === 0 && <p class="hint">{t('market.noCards')}</p>}
            <ul class="list">
                {[...byRole].map(([role, some]) => (
                    <li key={role} class="owned">
                        {named && <a class="owned-role" href={`/c/market/${role}`}>{roleName(role)}</a>}
                        <span class="chips">
                            {some.map((card) => (
                                <span key={card.number} class="chip">{t('end.card', { n: card.number })}{card.order_id !== '0' && <small> · {t('market.offered')}</small>}</span>
                            ))}
                        </span>
                    </li>
                ))}
            </ul>
        </Section>
    );
}
