// Which cluster a wallet pays on: money of one is none on another.
import { Icon } from './icons.jsx';
import { t } from '../words/words.js';

/** @param {{name: string | undefined}} props as the wallet's answer tells; '' where there is none */
export const Cluster = ({ name }) => name ? <p class="hint cluster"><Icon name="coin" /> {t(`cluster.${name}`)}</p> : null;
