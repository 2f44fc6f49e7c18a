// What one has, and the wallet on the chain that is one's own.
import { useEffect } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { asOwner, changed, showWallet, user } from '../../core/session.js';
import { connect, findWallets, wallets } from '../../core/wallets.js';
import { Cluster } from '../../parts/cluster.jsx';
import { Button } from '../../parts/controls.jsx';
import { useProved } from '../../parts/prove.jsx';
import { Loading, Refused, Section } from '../../parts/shown.jsx';
import { WalletLinks } from '../../parts/wallet_links.jsx';
import { money, t } from '../../words/words.js';

/** @param {{cluster: string | undefined}} props */
function OnChain({ cluster }) {
    const { busy, problem, run, sheet } = useProved();
    useEffect(findWallets, []);
    const unlink = () => run(async () => (await asOwner('DELETE', '/auth/wallet'), changed({ wallet: '' })));
    const { wallet } = user.value;
    return (
        <>
            <h3>{t('me.onChain')}</h3>
            <Cluster name={cluster} />
            <Refused problem={problem} />
            {wallet && <p><code dir="ltr">{wallet}</code></p>}
            {wallet && <Button busy={busy} icon="close" wide onClick={unlink}>{t('me.unlink')}</Button>}
            {!wallet && wallets.value.map((one) => (
                <Button key={one.name} busy={busy} icon="coin" wide onClick={() => run(async () => showWallet(await connect(one)))}>{t('me.link', { name: one.name })}</Button>
            ))}
            {!wallet && !wallets.value.length && <p class="hint">{t('me.noWallet')}</p>}
            {!wallet && <WalletLinks />}
            {sheet}
        </>
    );
}

export function Wallet() {
    const { answer, problem, again } = useAsked((signal) => get('/wallet', { signal }), [user.value.id]);
    const balances = (answer?.balances ?? []).filter((/** @type {any} */ one) => one.kind !== 'CARD');
    return (
        <Section id="wallet" icon="coin" title={t('me.wallet')}>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={1} />}
            {balances.map((/** @type {any} */ one) => <p key={one.kind} class="big">{money(one.amount, one.kind)}</p>)}
            {answer && balances.every((/** @type {any} */ one) => one.amount === '0') && <p class="hint">{t('me.walletEmpty')}</p>}
            <OnChain cluster={answer?.cluster} />
        </Section>
    );
}
