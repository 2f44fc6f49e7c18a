// What one does about a seat that is held: pays from the account, by a wallet of this browser, or by one elsewhere.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, getText, send } from '../../core/calls.js';
import { now, second } from '../../core/clock.js';
import { canPay, connect, findWallets, wallets } from '../../core/wallets.js';
import { Cluster } from '../../parts/cluster.jsx';
import { Button, LinkButton } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Loading, Refused, say } from '../../parts/shown.jsx';
import { WalletLinks } from '../../parts/wallet_links.jsx';
import { money, priceOf, span, t } from '../../words/words.js';

const bytesOf = (/** @type {string} */ text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const textOf = (/** @type {Uint8Array} */ bytes) => btoa(String.fromCharCode(...bytes));

/** An image that only its owner gets is drawn here: an <img> asks as nobody. @param {{svg: string}} props */
function Code({ svg }) {
    const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    return (
        <svg class="qr" viewBox={root.getAttribute('viewBox') ?? ''} width="196" height="196" role="img" aria-label={t('pay.qr')}>
            <rect width="100%" height="100%" fill="#fff" />
            <path d={root.querySelector('path')?.getAttribute('d') ?? ''} fill="#000" />
        </svg>
    );
}

/** The link of Solana Pay: on this device, and as a code for another. @param {{event: any, reservation: any, cluster: string | undefined, onClose: () => void}} props */
function Elsewhere({ event, reservation, cluster, onClose }) {
    const { answer, problem, again } = useAsked(async () => {
        const { url } = await send('POST', `/events/${event.id}/payment`, {});
        return { url, svg: await getText(`/payments/${reservation.payment_id}/qr.svg`) };
    }, [reservation.payment_id]);
    return (
        <Sheet title={t('seat.pay', { price: priceOf(event.price) })} onClose={onClose}>
            <Cluster name={cluster} />
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={2} />}
            {answer && (
                <>
                    <p>{t('pay.scan')}</p>
                    <Code svg={answer.svg} />
                    <LinkButton kind="main" icon="coin" wide href={answer.url}>{t('pay.here')}</LinkButton>
                </>
            )}
            <WalletLinks />
        </Sheet>
    );
}

/** What the account has of the event's currency, a payment from it, and on which cluster wallets pay. @param {{event: any, reservation: any, refresh: () => void}} props @param {string} said */
function usePurse({ event, reservation, refresh }, said) {
    const tap = useTap();
    const wallet = useAsked((signal) => get('/wallet', { signal }), [reservation.payment_id]);
    const has = wallet.answer?.balances.find((/** @type {any} */ one) => one.kind === event.price.currency);
    const pay = () =>
        tap.run(async () => {
            await send('POST', `/payments/${reservation.payment_id}/pay`);
            say(said);
            refresh();
        });
    return { tap, has, pay, cluster: wallet.answer?.cluster };
}

/** @param {{event: any, reservation: any, refresh: () => void}} props */
function OnChain(props) {
    const { event, reservation, refresh } = props, tap = useTap();
    const { tap: credit, has, pay, cluster } = usePurse(props, t('pay.sent'));
    const [elsewhere, show] = useState(false);
    useEffect(findWallets, []);
    const payBy = (/** @type {any} */ wallet) =>
        tap.run(async () => {
            const { address, signTransaction } = await connect(wallet);
            const { transaction } = await send('POST', `/events/${event.id}/payment`, { account: address });
            await send('POST', `/payments/${reservation.payment_id}/transaction`, { transaction: textOf(await signTransaction(bytesOf(transaction))) });
            say(t('pay.sent'));
            refresh();
        });
    return (
        <>
            <Refused problem={tap.problem ?? credit.problem} />
            {wallets.value.filter(canPay).map((one) => (
                <Button key={one.name} kind="main" icon="coin" wide busy={tap.busy} onClick={() => payBy(one)}>{t('pay.by', { price: priceOf(event.price), name: one.name })}</Button>
            ))}
            {has && Number(has.amount) >= Number(event.price.amount) && (
                <>
                    <Button icon="coin" wide busy={credit.busy} onClick={pay}>{t('pay.credit', { price: priceOf(event.price) })}</Button>
                    <p class="hint">{t('seat.wallet', { money: money(has.amount, 'LAMPORTS') })}</p>
                </>
            )}
            <Button icon="share" wide onClick={() => show(true)}>{t('pay.elsewhere')}</Button>
            <Cluster name={cluster} />
            {elsewhere && <Elsewhere event={event} reservation={reservation} cluster={cluster} onClose={() => show(false)} />}
        </>
    );
}

/** @param {{event: any, reservation: any, refresh: () => void}} props */
function FromAccount(props) {
    const { tap, has, pay } = usePurse(props, t('seat.paid'));
    return (
        <>
            <Refused problem={tap.problem} />
            <Button kind="main" icon="coin" wide busy={tap.busy} onClick={pay}>{t('seat.pay', { price: priceOf(props.event.price) })}</Button>
            {has && <p class="hint">{t('seat.wallet', { money: money(has.amount, 'CONSE') })}</p>}
        </>
    );
}

const WAYS = { CONSE: FromAccount, LAMPORTS: OnChain };

/** @param {{event: any, reservation: any, refresh: () => void}} props */
export function Pay({ event, reservation, refresh }) {
    const until = reservation.hold_expires_at && new Date(reservation.hold_expires_at).getTime();
    const Way = WAYS[/** @type {keyof typeof WAYS} */ (event.price.currency)];
    return (
        <>
            <p class="seat-line"><Icon name="seat" /><strong>{t('seat.held', { n: reservation.position })}</strong></p>
            <p aria-live="off">{until ? t('seat.heldFor', { time: span(until - Math.max(now(), second.value)) }) : t('seat.opening')}</p>
            {until && <Way event={event} reservation={reservation} refresh={refresh} />}
        </>
    );
}
