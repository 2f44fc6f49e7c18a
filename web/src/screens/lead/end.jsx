// S11: it is over.
import { LinkButton } from '../../parts/controls.jsx';
import { Empty } from '../../parts/shown.jsx';
import { nameOf, t } from '../../words/words.js';

/** @param {{event: any}} props */
export const End = ({ event }) => (
    <Empty icon="check" title={event.state === 'DONE' ? t('end.sides', { sides: event.winning_sides.map(nameOf).join('، ') }) : t(`state.${event.state}`)} hint={t('end.hint')}>
        <LinkButton kind="main" href={`/c/table/${event.id}`}>{t('end.look')}</LinkButton>
    </Empty>
);
