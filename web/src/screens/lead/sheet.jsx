// What a host does to one player.
import { useState } from 'preact/hooks';
import { later } from '../../core/later.js';
import { Button, Field } from '../../parts/controls.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Refused, Said, say } from '../../parts/shown.jsx';
import { digits, nameOf, number, t } from '../../words/words.js';
import { useAct } from './act.js';

/** @typedef {{event: any, live: import('../../core/live.js').LiveEvent, player: any, onClose: () => void}} Props */
const SPEECH_S = 60;

/** @param {Props} props */
function Statuses({ event, live, player, onClose }) {
    const { now, actSeen } = useAct(event, live);
    const set = (/** @type {string} */ status) => now('PATCH', `/players/${player.user_id}`, { status });
    // What takes somebody out of the game can be taken back for a moment.
    const end = (/** @type {string} */ status) => {
        later(t(`act.${status}`, { name: player.username }), () => set(status));
        onClose();
    };
    return (
        <div class="row">
            {player.alive && <Button kind="danger" onClick={() => end('DEAD')}>{t('sheet.kill')}</Button>}
            {player.alive && <Button onClick={() => actSeen('PATCH', `/players/${player.user_id}`, { status: 'SILENT_2_PHASES' }).then(onClose)}>{t('sheet.silence')}</Button>}
            {player.alive && <Button kind="danger" onClick={() => end('KICKED')}>{t('sheet.kick')}</Button>}
            {!player.alive && <Button onClick={() => actSeen('PATCH', `/players/${player.user_id}`, { status: 'DEFAULT' }).then(onClose)}>{t('sheet.revive')}</Button>}
        </div>
    );
}

/** @param {Props} props */
function Note({ event, live, player }) {
    const [text, write] = useState('');
    const { busy, problem, act } = useAct(event, live);
    const submit = async (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        if (await act('POST', `/players/${player.user_id}/notes`, { audience: 'PLAYER', text })) (write(''), say(t('sheet.sent')));
    };
    return (
        <form class="inline" onSubmit={submit}>
            <Field label={t('sheet.note')} name="text" value={text} onInput={write} maxLength={2048} required />
            <Button type="submit" busy={busy} icon="inbox" label={t('sheet.send')} />
            <Refused problem={problem} />
        </form>
    );
}

/** @param {Props} props */
function Score({ event, live, player }) {
    const [score, write] = useState(player.score ? number(player.score) : '');
    const { busy, problem, act } = useAct(event, live);
    const submit = async (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        if (await act('PUT', `/players/${player.user_id}/score`, { score: Number(digits(score)) })) say(t('me.saved'));
    };
    return (
        <form class="inline" onSubmit={submit}>
            <Field label={t('sheet.score')} name="score" value={score} onInput={write} inputmode="numeric" maxLength={3} required fault={problem?.fields?.score} />
            <Button type="submit" busy={busy} icon="check" label={t('sheet.keep')} />
            <Refused problem={problem?.fields?.score ? null : problem} />
        </form>
    );
}

/** @param {Props} props */
export function PlayerSheet({ event, live, player, onClose }) {
    const { problem, act } = useAct(event, live);
    const [move, draw] = useState(/** @type {any} */ (null));
    const { now } = useAct(event, live);
    const drawMove = () => now('POST', `/players/${player.user_id}/last-move`).then((answer) => draw(answer.last_move), () => {});
    return (
        <Sheet title={<Said>{player.username}</Said>} onClose={onClose}>
            <Statuses event={event} live={live} player={player} onClose={onClose} />
            <div class="row">
                <Button onClick={() => act('POST', '/clock', { seconds: SPEECH_S, user_id: player.user_id }).then(onClose)}>{t('day.clock', { n: SPEECH_S })}</Button>
                <Button onClick={() => act('POST', `/players/${player.user_id}/fouls`)}>{t('sheet.foul', { n: player.fouls })}</Button>
                {!player.alive && <Button onClick={drawMove}>{t('sheet.lastMove')}</Button>}
            </div>
            {move && <p class="notice"><strong>{nameOf(move)}</strong> {move.effect}</p>}
            <Note event={event} live={live} player={player} onClose={onClose} />
            <Score event={event} live={live} player={player} onClose={onClose} />
            <Refused problem={problem} />
        </Sheet>
    );
}
