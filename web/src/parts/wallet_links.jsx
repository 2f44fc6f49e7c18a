// On a phone whose browser has no wallet: this page in the browser of one.
import { browsersFor, isPhone, wallets } from '../core/wallets.js';
import { t } from '../words/words.js';
import { LinkButton } from './controls.jsx';

export const WalletLinks = () =>
    wallets.value.length === 0 && isPhone() && (
        <>
            <p class="hint">{t('wallet.phone')}</p>
            {browsersFor(location.href).map(({ name, href }) => <LinkButton key={name} icon="coin" wide href={href}>{t('wallet.openIn', { name })}</LinkButton>)}
        </>
    );
