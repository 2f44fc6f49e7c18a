// Does what a schedule says, and undoes it. `done` has every fault with the times at which it began and ended, for the checks.
import { pause } from '../../e2e/parts/processes.mjs';
import { now } from './client.mjs';
import { block, unblock, unblockAll } from './net.mjs';

// Each gives what ends it.
function makers(world) {
    const process = (name) => world.processes.find((each) => each.name === name);
    const address = (name) => world.addresses[name];
    const everyone = (name) => Object.keys(world.addresses).filter((other) => other !== name);
    return {
        kill: async ({ host }) => {
            await process(host).kill();
            return () => process(host).start();
        },
        stop: ({ host }) => {
            process(host).pause();
            return () => process(host).resume();
        },
        part: ({ host, from }) => {
            block(host, address(from));
            block(from, address(host));
            return () => void (unblock(host, address(from)), unblock(from, address(host)));
        },
        part_one_way: ({ host, from }) => {
            block(host, address(from));
            return () => unblock(host, address(from));
        },
        isolate: ({ host }) => {
            everyone(host).forEach((other) => block(host, address(other)));
            return () => everyone(host).forEach((other) => unblock(host, address(other)));
        },
        clock: ({ host, off_ms }) => {
            process(host).setClock(off_ms);
            return () => process(host).setClock(0);
        },
        spoil: async ({ rule }) => {
            await world.database.steer({ add: rule });
            return () => world.database.steer({ clear: true });
        },
        database_away: async () => {
            await world.database.steer({ away: true });
            return () => world.database.steer({ back: true });
        },
        database_mute: async () => {
            await world.database.steer({ mute: true });
            return () => world.database.steer({ unmute: true });
        },
        slow_disk: ({ host, sync_ms }) => {
            process(host).setSync(sync_ms);
            return () => process(host).setSync(0);
        },
    };
}

// {run(schedule), done, heal()}: run ends when the last fault has; heal makes everything whole, whatever was done.
export function makeFaults(world, say) {
    const begin = makers(world);
    const done = [];
    const one = async (fault, began) => {
        await pause(Math.max(0, fault.at_ms - (now() - began)));
        const entry = { ...fault, start: now(), end: Infinity };
        done.push(entry);
        say(fault);
        const end = await begin[fault.fault](fault);
        await pause(fault.for_ms);
        await end();
        entry.end = now();
    };
    const run = async (schedule) => {
        const began = now();
        await Promise.all(schedule.map((fault) => one(fault, began)));
    };
    const heal = async () => {
        Object.keys(world.addresses).forEach(unblockAll);
        await Promise.all(world.processes.map((each) => each.untilReady()));
    };
    return { run, done, heal };
}
