import { accountJson } from '../encode.mjs';
import { RpcError } from '../errors.mjs';
import { readAddress, readBytes, readCommitment, readInteger, readList, readObject } from '../params.mjs';
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

  /** A config, and how to read at its commitment. */
  function reading(given) {
    const config = readObject(given);
    checkMinSlot(cluster, config);
    const commitment = readCommitment(config);
    return {
      config,
      account: (address) => cluster.accountAt(readAddress(address), commitment),
      accountsOf: (program) => cluster.accountsOf(program, commitment),
      answer: (value) => withContext(cluster, value, cluster.stateSlot(commitment)),
    };
  }

  function tokenAccounts(field, owner, filter, given) {
    const { config, accountsOf, answer } = reading(given);
    const { programs, matches } = readTokenFilter(filter);
    const found = programs.flatMap(accountsOf).filter((account) => {
      const t = decodeTokenAccount(account);
      return t && t[field] === owner && matches(t);
    });
    return answer(found.map((account) => ({ account: json(account, config), pubkey: account.address })));
  }

  return {
    getBalance: ([address, given]) => {
      const { account, answer } = reading(given);
      return answer(account(address)?.lamports ?? 0n);
    },
    getAccountInfo: ([address, given]) => {
      const { config, account, answer } = reading(given);
      return answer(json(account(address), { encoding: 'binary', ...config }));
    },
    getMultipleAccounts: ([list, given]) => {
      const { config, account, answer } = reading(given);
      return answer(readList(list, 'addresses', MAX_ADDRESSES, account).map((a) => json(a, config)));
    },
    getProgramAccounts: ([program, given]) => {
      const { config, accountsOf, answer } = reading(given);
      const filters = readList(config.filters ?? [], 'filters', MAX_FILTERS, readFilter);
      const found = accountsOf(readAddress(program)).filter((a) => filters.every((f) => f(a)));
      const list = found.map((account) => ({ account: json(account, { encoding: 'binary', ...config }), pubkey: account.address }));
      return config.withContext ? answer(list) : list;
    },
    getTokenAccountBalance: ([address, given]) => {
      const { account, answer } = reading(given);
      const t = decodeTokenAccount(account(address));
      if (!t) throw new RpcError(-32602, 'Invalid param: could not find account');
      return answer(amountOf(t.amount, cluster.decimals(t.mint)));
    },
    getTokenSupply: ([address, given]) => {
      const { account, answer } = reading(given);
      const mint = decodeMint(account(address));
      if (!mint) throw new RpcError(-32602, 'Invalid param: could not find mint');
      return answer(amountOf(mint.supply, mint.decimals));
    },
    getTokenAccountsByOwner: ([owner, filter, config]) => tokenAccounts('owner', readAddress(owner), filter, config),
    getTokenAccountsByDelegate: ([delegate, filter, config]) => tokenAccounts('delegate', readAddress(delegate), filter, config),
  };
}
