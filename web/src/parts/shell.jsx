// The frame around every screen: where one can go, and that there is news.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get } from '../core/calls.js';
import { route } from '../core/router.js';
import { leads, settled, user } from '../core/session.js';
import { follow } from '../core/stream.js';
import { number, t } from '../words/words.js';
import { Icon } from './icons.jsx';
import { Keys } from './keys.jsx';
import { Saying } from './shown.jsx';

/** How much is not read. */
export const unread = signal(0);
/** The newest that was told, in any event. @type {import('@preact/signals').Signal<any>} */
export const told = signal(null);

export const countUnread = () => get('/notifications?page_size=1').then((answer) => (unread.value = answer.unread), () => {});

function useNews() {
    useEffect(() => {
        if (!user.value) return void (unread.value = 0);
        countUnread();
        /** @param {string} type @param {any} message */
        const on = (type, message) => {
            if (type !== 'entry') return;
            told.value = message.entry;
            countUnread();
        };
        return follow({ topics: ['me'], on, onState: () => {} });
    }, [user.value?.id]);
}

const places = () => [
    { screen: 'explore', href: '/', icon: 'games', label: t('nav.explore') },
    ...(leads.value ? [{ screen: 'lead', href: '/c/lead', icon: 'lead', label: t('nav.lead') }] : []),
    ...(user.value ? [{ screen: 'market', href: '/c/market', icon: 'coin', label: t('nav.market') }] : []),
    ...(user.value?.level === 'DEV' ? [{ screen: 'ops', href: '/c/ops', icon: 'seal', label: t('nav.ops') }] : []),
    ...(user.value ? [{ screen: 'inbox', href: '/c/inbox', icon: 'inbox', label: t('nav.inbox'), count: unread.value }] : []),
    user.value
        ? { screen: 'me', href: '/c/me', icon: 'me', label: t('nav.me') }
        : { screen: 'door', href: '/c/door', icon: 'door', label: t('nav.door') },
];

/** @param {any} place */
const Place = ({ screen, href, icon, label, count }) => (
    <li>
        <a href={href} aria-current={route.value.screen === screen ? 'page' : undefined}>
            <span class="mark">
                <Icon name={icon} />
                {count > 0 && <span class="count" aria-hidden="true">{count > 99 ? `${number(99)}+` : number(count)}</span>}
            </span>
            <span>{label}</span>
            {count > 0 && <span class="unseen">{t('inbox.unread', { n: count })}</span>}
        </a>
    </li>
);

const Places = () => (
    <>
        <a class="skip" href="#main">{t('app.skip')}</a>
        <nav class="places" aria-label={t('nav.label')}>
            <a class="brand" href="/" tabIndex={-1} aria-hidden="true">{t('app.name')}</a>
            <ul>{settled.value && places().map((place) => <Place key={place.screen} {...place} />)}</ul>
        </nav>
    </>
);

/** Screens that are only looked at, from afar or on paper. */
const BARE = ['print', 'tv'];

/** @param {{children: any}} props */
export function Shell({ children }) {
    const main = useRef(/** @type {HTMLElement | null} */ (null));
    const { screen, id } = route.value;
    const first = useRef(true);
    useNews();
    useEffect(() => {
        const there = main.current !== document.activeElement && main.current?.contains(document.activeElement);
        if (!first.current && !there) main.current?.focus({ preventScroll: true }); // the reader goes to what is new
        first.current = false;
    }, [screen, id]);
    return (
        <div class={BARE.includes(screen) ? 'shell bare' : 'shell'}>
            {!BARE.includes(screen) && <Places />}
            <main id="main" ref={main} tabIndex={-1}>{children}</main>
            <Saying />
            <Keys />
        </div>
    );
}
