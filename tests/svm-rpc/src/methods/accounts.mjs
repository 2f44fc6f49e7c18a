import { accountJson } from '../encode.mjs';
import { RpcError } from '../errors.mjs';
import { readAddress, readBytes, readInteger, readList, readObject } from '../params.mjs';
import { TOKEN, TOKEN_2022, amountOf, decodeMint, decodeTokenAccount } from '../tokens.mjs';
import { checkMinSlot, withContext } from './cluster.mjs';

const MAX_ADDRESSES = 100;
const MAX_FILTERS = 4;

function readFilter(filter) {
  const { dataSize, memcmp, tokenAccountState } = readObject(filter, 'filter');
  if (dataSize !== undefined) {
    const size = readInteger(dataSize, 'dataSize');
    return (account) => account.data.length === size;
  }
  if (memcmp !== undefined) {
    const { offset, bytes, encoding } = readObject(memcmp, 'memcmp');
    const at = readInteger(offset, 'memcmp.offset');
    const wanted = readBytes(bytes, encoding ?? 'base58', 'memcmp bytes');
    return (account) => wanted.equals(account.data.subarray(at, at + wanted.length));
  }
  if (tokenAccountState !== undefined || 'tokenAccountState' in readObject(filter)) return (account) => decodeTokenAccount(account) !== null;
  throw RpcError.params('unknown filter');
}

function readTokenFilter(filter) {
  const { mint, programId } = readObject(filter, 'filter');
  if (mint !== undefined) {
    const wanted = readAddress(mint);
    return { programs: [TOKEN, TOKEN_2022], matches: (t) => t.mint === wanted };
  }
  if (programId === undefined) throw RpcError.params('either mint or programId is required');
  if (programId !== TOKEN && programId !== TOKEN_2022) throw RpcError.params('unrecognized Token program id');
  return { programs: [programId], matches: () => true };
}

export function accountMethods(cluster) {
  const json = (account, config) => (account ? accountJson(cluster, account, config) : null);

  function tokenAccounts(field, owner, filter, config) {
    const { programs, matches } = readTokenFilter(filter);
    const found = programs.flatMap((p) => cluster.vm.accountsOf(p)).filter((account) => {
      const t = decodeTokenAccount(account);
      return t && t[field] === owner && matches(t);
    });
    return withContext(cluster, found.map((account) => ({ account: json(account, config), pubkey: account.address })));
  }

  return {
    getBalance: ([address, config]) => {
      checkMinSlot(cluster, readObject(config));
      return withContext(cluster, cluster.vm.account(readAddress(address))?.lamports ?? 0n);
    },
    getAccountInfo: ([address, given]) => {
      const config = readObject(given);
      checkMinSlot(cluster, config);
      return withContext(cluster, json(cluster.vm.account(readAddress(address)), { encoding: 'binary', ...config }));
    },
    getMultipleAccounts: ([list, given]) => {
      const config = readObject(given);
      checkMinSlot(cluster, config);
      return withContext(cluster, readList(list, 'addresses', MAX_ADDRESSES, readAddress).map((a) => json(cluster.vm.account(a), config)));
    },
    getProgramAccounts: ([program, given]) => {
      const config = readObject(given);
      const filters = readList(config.filters ?? [], 'filters', MAX_FILTERS, readFilter);
      const found = cluster.vm.accountsOf(readAddress(program)).filter((a) => filters.every((f) => f(a)));
      const list = found.map((account) => ({ account: json(account, { encoding: 'binary', ...config }), pubkey: account.address }));
      return config.withContext ? withContext(cluster, list) : list;
    },
    getTokenAccountBalance: ([address]) => {
      const t = decodeTokenAccount(cluster.vm.account(readAddress(address)));
      if (!t) throw new RpcError(-32602, 'Invalid param: could not find account');
      return withContext(cluster, amountOf(t.amount, cluster.decimals(t.mint)));
    },
    getTokenSupply: ([address]) => {
      const mint = decodeMint(cluster.vm.account(readAddress(address)));
      if (!mint) throw new RpcError(-32602, 'Invalid param: could not find mint');
      return withContext(cluster, amountOf(mint.supply, mint.decimals));
    },
    getTokenAccountsByOwner: ([owner, filter, config]) => tokenAccounts('owner', readAddress(owner), filter, readObject(config)),
    getTokenAccountsByDelegate: ([delegate, filter, config]) => tokenAccounts('delegate', readAddress(delegate), filter, readObject(config)),
  };
}
