// Says what was found, and leaves it in anomalies.json.
import fs from 'node:fs';
import path from 'node:path';

const SHOWN = 10; // of one check

export function report({ anomalies, counts }, folder, say) {
    fs.writeFileSync(path.join(folder, 'anomalies.json'), JSON.stringify(anomalies, null, 1));
    const { outcomes, ...rest } = counts;
    say(`checked ${JSON.stringify(rest)}`);
    for (const [kind, of] of Object.entries(outcomes)) say(`  ${kind.padEnd(10)} ${JSON.stringify(of)}`);
    for (const check of new Set(anomalies.map((each) => each.check))) {
        const own = anomalies.filter((each) => each.check === check);
        own.slice(0, SHOWN).forEach((each) => say(`ANOMALY ${JSON.stringify(each)}`));
        if (own.length > SHOWN) say(`  and ${own.length - SHOWN} more of ${check}`);
    }
    say(anomalies.length ? `${anomalies.length} anomalies: ${folder}` : 'no anomaly was found');
}
