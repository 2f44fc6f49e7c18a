// What the proxy does to which request. A rule waits for requests of its kind, lets `skip` of them pass, and spoils the `times` that
// follow.
//
//   command     insert, update, findAndModify, delete, find, ...; or a list of them; absent: any but what drivers ask by themselves
//   collection  its name, or with a * at the end what it begins with; absent: any
//   do          pass, lose, lose_reply, twice, fail, roll_back or lag (spoilings.mjs)
//   held        what was spoilt waits for release(): the request has been executed, its client hears nothing
//   delay_ms    how long the request waits before it goes on
const OF_DRIVERS = new Set(['hello', 'isMaster', 'ismaster', 'ping', 'endSessions', 'buildInfo', 'saslStart', 'saslContinue', 'killCursors']);

const isNamed = (collection, wanted) => (wanted.endsWith('*') ? `${collection}`.startsWith(wanted.slice(0, -1)) : collection === wanted);

function fits(rule, { command, collection }) {
    if (rule.collection !== undefined && !isNamed(collection, rule.collection)) return false;
    return rule.command === undefined ? !OF_DRIVERS.has(command) : [rule.command].flat().includes(command);
}

// {take(request), add(rule), clear()}: take gives the rule that spoils the request, or undefined.
export function ruleBook() {
    let rules = [];
    const add = (wanted) => {
        const rule = { do: 'pass', skip: 0, times: 1, met: 0, held: false, waiting: [], ...wanted };
        rule.released = rule.held ? new Promise((resolve) => (rule.release = resolve)) : Promise.resolve();
        rule.release ??= () => {};
        // Resolves when `count` requests have been executed, lost or answered by the rule.
        rule.until = (count = 1) => (rule.met >= count ? Promise.resolve() : new Promise((resolve) => rule.waiting.push({ count, resolve })));
        rule.note = () => {
            rule.met++;
            rule.waiting = rule.waiting.filter(({ count, resolve }) => rule.met < count || resolve());
        };
        rules.push(rule);
        return rule;
    };
    const take = (request) => {
        const rule = rules.find((each) => fits(each, request));
        if (rule === undefined) return undefined;
        if (rule.skip > 0) return void rule.skip--;
        if (--rule.times === 0) rules = rules.filter((each) => each !== rule);
        return rule;
    };
    // What is held goes on only when its rule releases it.
    const clear = () => void (rules = []);
    return { add, take, clear };
}
