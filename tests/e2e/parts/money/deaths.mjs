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
            fs.writeFileSync(this.file(name), Buffer.alloc(16));
            this.system.own[name] = { LD_PRELOAD: PRELOAD, CONSE_DIES: this.file(name) };
            await this.system.restart(name);
        }
    }

    tell(name, left, behind) {
        const words = Buffer.alloc(16);
        words.writeBigInt64LE(BigInt(left), 0);
        words.writeBigInt64LE(BigInt(behind), 8);
        fs.writeFileSync(this.file(name), words, { flag: 'r+' });
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
            if (this.system.own[name]?.CONSE_DIES) this.tell(name, 0, 0);
            await this.system.start(name);
        }
    }

    // What is dead starts again, once however many ask.
    revive() {
        return (this.reviving ??= this.reviveAll().finally(() => (this.reviving = undefined)));
    }
}
