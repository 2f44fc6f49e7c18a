// S11: it is over.
import { LinkButton } from '../../parts/controls.jsx';
import { Empty } from '../../parts/shown.jsx';
import { listed, nameOf, t } from '../../words/words.js';

/** @param {{event: any}} props */
export const End = ({ event }) => (
    <Empty icon="check" title={event.state === 'DONE' ? t('end.sides', { sides: listed(event.winning_sides.map(nameOf)) }) : t(`state.${event.state}`)} hint={event.state === 'DONE' ? t('end.hint') : undefined}>
        {event.state === 'DONE' && <LinkButton kind="main" href={`/c/table/${event.id}`}>{t('end.all')}</LinkButton>}
    </Empty>
);
