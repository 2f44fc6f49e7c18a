// What no real node has: time, accounts, programs and faults at the command of a test.
import { SYSTEM } from '../cluster.mjs';
import { RpcError } from '../errors.mjs';
import { readAddress, readBytes, readInteger, readObject, readU64 } from '../params.mjs';

const MAX_SLOTS = 1_000_000_000;
const MAX_SECONDS = 10 * 365 * 86_400;
const SYSVAR = /^Sysvar.*1{10,}$/;

export function controlMethods(cluster, faults) {
  return {
    svm_advanceSlots: ([count = 1]) => {
      cluster.advance(readInteger(count, 'slots', { min: 1, max: MAX_SLOTS }));
      return cluster.slot;
    },
    svm_fork: ([count = 1]) => {
      const slots = readInteger(count, 'slots', { min: 1, max: MAX_SLOTS });
      if (!cluster.canFork(slots)) throw RpcError.params('what is finalized cannot be forked away');
      cluster.fork(slots);
      return cluster.slot;
    },
    svm_advanceTime: ([seconds]) => {
      cluster.advanceTime(readInteger(seconds, 'seconds', { max: MAX_SECONDS }));
      return cluster.now;
    },
    svm_setAccount: ([address, given]) => {
      const { lamports, data = '', owner = SYSTEM, executable = false } = readObject(given, 'account');
      if (SYSVAR.test(readAddress(address))) throw RpcError.params('a sysvar cannot be set');
      cluster.setAccount(address, {
        lamports: readU64(lamports, 'lamports'), data: readBytes(data, 'base64', 'data'), owner: readAddress(owner), executable: executable === true,
      });
      return true;
    },
    svm_addProgram: ([address, elf, loader]) => {
      const bytes = readBytes(elf, 'base64', 'program');
      try {
        cluster.vm.addProgram(readAddress(address), bytes, loader === undefined || loader === null ? null : readAddress(loader));
      } catch (e) {
        throw e instanceof RpcError ? e : new RpcError(-32000, e.message);
      }
      return true;
    },
    svm_fault: ([method, fault]) => {
      faults.set(method, fault);
      return true;
    },
  };
}
