// Processes of a system die at a commit of their store, or at any time, and come back.
import fs from 'node:fs';
import path from 'node:path';
import { isRunning } from '../processes.mjs';
import { BIN } from '../system.mjs';

const PRELOAD = path.resolve(BIN, '../tests/dies.so');
const MORTAL = ['chain', 'events']; // what has a store in which money is
const WHICH = [1, 1, 1, 2, 3]; // commit from now on

export class Deaths {
    constructor(system, random) {
        Object.assign(this, { system, random, armed: new Set(), met: { at_commits: 0, elsewhere: 0 } });
    }

    file(name) {
        return path.join(this.system.dir, `${name}.dies`);
    }

    // From now on they can be told when to die. What shares its store with others has it elsewhere, and dies at any time alone.
    async begin() {
        if (this.system.stores) return;
        this.system.own = {};
        for (const name of MORTAL) {
            fs.writeFileSync(this.file(name), Buffer.alloc(24));
            this.system.own[name] = { LD_PRELOAD: PRELOAD, TEST_DIES: this.file(name) };
            await this.system.restart(name);
        }
    }

    tell(name, left, behind) {
        this.write(name, 0, [left, behind]);
    }

    // The clock of a service is so far ahead from now on, also when it starts again.
    setAhead(name, seconds) {
        if (!this.system.stores) this.write(name, 16, [seconds]);
    }

    write(name, at, numbers) {
        const words = Buffer.alloc(8 * numbers.length), file = fs.openSync(this.file(name), 'r+');
        numbers.forEach((number, i) => words.writeBigInt64LE(BigInt(number), 8 * i));
        fs.writeSync(file, words, 0, words.length, at);
        fs.closeSync(file);
    }

    arm() {
        const name = this.random.pick(MORTAL), left = this.random.pick(WHICH), behind = this.random.below(2);
        if (this.system.stores) return this.killSoon();
        this.tell(name, left, behind);
        this.armed.add(name);
        return `${name} dies ${behind ? 'behind' : 'before'} commit ${left}`;
    }

    // While what happens happens.
    killSoon() {
        const name = this.random.pick(this.system.services.filter((each) => !each.startsWith('auth')));
        this.killing = (async () => isRunning(this.system.children[name]) && this.system.kill(name))();
        this.met.elsewhere++;
        return `${name} is killed`;
    }

    async disarm() {
        await this.killing;
        for (const name of this.armed) {
            const died = !isRunning(this.system.children[name]);
            this.met.at_commits += died;
            this.tell(name, 0, 0);
        }
        this.armed.clear();
        await this.revive();
    }

    async reviveAll() {
        await this.killing;
        for (const name of this.system.services) {
            if (isRunning(this.system.children[name])) continue;
            this.met.at_commits += this.armed.delete(name);
            if (this.system.own[name]?.TEST_DIES) this.tell(name, 0, 0);
            await this.system.start(name);
        }
    }

    // What is dead starts again, once however many ask.
    revive() {
        return (this.reviving ??= this.reviveAll().finally(() => (this.reviving = undefined)));
    }
}
