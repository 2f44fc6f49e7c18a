// Which keys do something here.
import { useEffect, useState } from 'preact/hooks';
import { LETTERS, keyed, press } from '../core/keys.js';
import { t } from '../words/words.js';
import { Sheet } from './sheet.jsx';

/** @param {{keys: string, children: any}} props */
const Key = ({ keys, children }) => <div><dt><kbd dir="ltr">{keys}</kbd></dt><dd>{children}</dd></div>;

export function Keys() {
    const [here, show] = useState(/** @type {string[] | null} */ (null));
    useEffect(() => {
        const help = () => show([...LETTERS, '1'].filter((key) => keyed(key)));
        const onKeyDown = (/** @type {KeyboardEvent} */ event) => press(event, help);
        addEventListener('keydown', onKeyDown);
        return () => removeEventListener('keydown', onKeyDown);
    }, []);
    if (!here) return null;
    return (
        <Sheet title={t('keys.title')} onClose={() => show(null)}>
            <dl class="keys">
                <Key keys="/">{t('keys.search')}</Key>
                {LETTERS.filter((key) => here.includes(key)).map((key) => <Key key={key} keys={key}>{t(`keys.${key}`)}</Key>)}
                {here.includes('1') && <Key keys="1 … 9, 0">{t('keys.seats')}</Key>}
                <Key keys="Esc">{t('keys.close')}</Key>
                <Key keys="?">{t('keys.help')}</Key>
            </dl>
        </Sheet>
    );
}
