// node mutants.mjs SOURCE BUILD [WORDS]: takes one guard after the other out of a copy of the sources, and tortures what is built from it, until
// an anomaly is found: three seeds at most. Says which guards no run missed, and ends with 1 then. Each is {name, file, guard, without}:
// the text of the guard, and what stands there when it is gone.
import path from 'node:path';
import process from 'node:process';
import { copySources, make, withoutGuard } from '../guards/mutant.mjs';

const SEEDS = [1, 2, 3];
const SECONDS = process.env.TORTURE_SECONDS ?? '60';

const MUTANTS = [
    {
        name: 'copies are never confirmed',
        file: 'lib/live/fresh.c',
        guard: 'return !need || object->confirmed_ns >= need->fresh_from_ns;',
        without: 'return !need || object->confirmed_ns >= need->fresh_from_ns || object->loaded;',
    },
    {
        name: 'a key is not looked up',
        file: 'lib/rpc/judge.c',
        guard: 'if (!mine) return true;',
        without: 'if (mine || !mine) return true;',
    },
    {
        name: 'revocations are not kept',
        file: 'services/gateway/access/access.c',
        guard: "name_revocation(key, 's', session_id);\n    return cache_set(",
        without: "name_revocation(key, 'x', session_id);\n    return cache_set(",
    },
    {
        name: 'what got no answer counts as not done',
        file: 'lib/store/mongo/settle.c',
        guard: 'if (op->answer == MONGO_UNKNOWN) op->unsure = true;',
        without: '',
    },
];

const [source, build] = process.argv.slice(2, 4).map((folder) => path.resolve(folder));
const words = process.argv[4] ?? ''; // of the names of those that are wanted
const copy = path.join(build, 'mutants');

// The seed that found it, or undefined.
function torture(say) {
    for (const seed of SEEDS) {
        const { status, stdout, stderr } = make(copy, 'torture', `SECONDS=${SECONDS}`, `SEED=${seed}`);
        if (!/anomal/.test(stdout)) throw new Error(`the run did not come to its end: ${stdout.slice(-2000)}${stderr.slice(-2000)}`);
        const first = stdout.match(/ANOMALY (.*)/)?.[1];
        if (status !== 0) return (say(`found with seed ${seed}: ${first?.slice(0, 300)}`), seed);
    }
    return undefined;
}

copySources(source, copy, ['build/stores', 'tests/stores/node_modules']);
const missed = MUTANTS.filter(({ name }) => name.includes(words)).filter((mutant) => withoutGuard(copy, mutant, () => torture((what) => console.log(`${mutant.name}: ${what}`))) === undefined);
missed.forEach(({ name }) => console.log(`${name}: NOT FOUND with ${SEEDS.length} seeds`));
process.exit(missed.length ? 1 : 0);
