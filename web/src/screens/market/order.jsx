// An order is written, looked at, and placed, once.
import { useEffect, useState } from 'preact/hooks';
import { minorOf } from '../../core/amounts.js';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { Button, Field, Segments, Switch } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Refused, Section, say } from '../../parts/shown.jsx';
import { digits, given, money, number, t } from '../../words/words.js';

/** @param {any} order */
function told(order) {
    if (order.state === 'FILLED') return t('market.filled', { n: order.filled });
    if (order.state === 'CANCELLED') return t(`market.reason.${given(order.reason) || 'USER'}`);
    return t('market.rests');
}

/** Whether the price is far from the last trade. @param {string} role @param {string} side @param {number} price */
const useFar = (role, side, price) =>
    useAsked(async (signal) => (price > 0 ? get(`/market/hints?role_id=${role}&side=${side}&price=${price}`, { signal }) : null), [role, side, price]).answer?.far;

/** @param {{role: string, price: string, onPrice: (price: string) => void, have: {conse: number, cards: number}, stopped: boolean, onPlaced: () => void}} props */
export function Order({ role, price, onPrice, have, stopped, onPlaced }) {
    const [side, choose] = useState('BUY');
    const [count, write] = useState(number(1));
    const [only, turn] = useState(false);
    const [touched, touch] = useState(false);
    const { busy, problem, run } = useTap();
    const amount = minorOf(price), quantity = Number(digits(count).trim());
    const wrong = { price: amount > 0 ? '' : t('market.badPrice'), quantity: Number.isInteger(quantity) && quantity > 0 && quantity <= 1000 ? '' : t('market.badCount') };
    const far = useFar(role, side, amount > 0 ? amount : 0);
    useEffect(() => touch(false), [role]);
    const submit = (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        touch(true);
        if (wrong.price || wrong.quantity || busy) return;
        run(async () => {
            const { order } = await send('POST', '/market/orders', { role_id: role, side, price: amount, quantity, post_only: only });
            say(told(order));
            touch(false);
            onPlaced();
        });
    };
    return (
        <Section id="order" icon="cards" title={t('market.order')}>
            {stopped && <p class="notice bad"><Icon name="close" />{t('market.stopped')}</p>}
            <form onSubmit={submit} noValidate>
                <Segments label={t('market.side')} value={side} onChange={choose} options={['BUY', 'SELL'].map((value) => ({ value, label: t(`market.${value}`) }))} />
                <p class="hint">{t('market.have', { money: money(have.conse, 'CONSE'), n: have.cards })}</p>
                <div class="pair">
                    <Field label={t('market.price')} name="price" inputmode="decimal" autocomplete="off" dir="ltr" value={price} onInput={onPrice} fault={problem?.fields?.price ?? (touched ? wrong.price : '')} />
                    <Field label={t('market.count')} name="quantity" inputmode="numeric" autocomplete="off" dir="ltr" value={count} onInput={write} fault={problem?.fields?.quantity ?? (touched ? wrong.quantity : '')} />
                </div>
                <Switch label={t('market.only')} on={only} onChange={turn} />
                {amount > 0 && !wrong.quantity && <p class="total">{t('market.total')} <strong>{money(amount * quantity, 'CONSE')}</strong></p>}
                {far && <p class="notice bad" role="status"><Icon name="close" />{t('market.far')}</p>}
                <Refused problem={problem} />
                <Button type="submit" kind="main" wide busy={busy} disabled={stopped}>{t(`market.do.${side}`)}</Button>
            </form>
        </Section>
    );
}
