// Mints and token accounts, made with the stock SPL client.
import {
  ASSOCIATED_TOKEN_PROGRAM_ID, ExtensionType, MINT_SIZE, TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createAssociatedTokenAccountIdempotentInstruction,
  createInitializeDefaultAccountStateInstruction, createInitializeMint2Instruction, createInitializeMintCloseAuthorityInstruction, createInitializeNonTransferableMintInstruction,
  createInitializePermanentDelegateInstruction, createInitializeTransferFeeConfigInstruction, createInitializeTransferHookInstruction, createMintToInstruction,
  getAccount, getAssociatedTokenAddressSync, getMintLen, AccountState,
} from '@solana/spl-token';
import { SystemProgram } from '@solana/web3.js';

export const PROGRAMS = [['spl-token', TOKEN_PROGRAM_ID], ['token-2022', TOKEN_2022_PROGRAM_ID]];

const initialize = {
  TransferFeeConfig: (mint, who) => createInitializeTransferFeeConfigInstruction(mint, who, who, 100, 1_000_000n, TOKEN_2022_PROGRAM_ID),
  PermanentDelegate: (mint, who) => createInitializePermanentDelegateInstruction(mint, who, TOKEN_2022_PROGRAM_ID),
  TransferHook: (mint, who) => createInitializeTransferHookInstruction(mint, who, who, TOKEN_2022_PROGRAM_ID),
  NonTransferable: (mint) => createInitializeNonTransferableMintInstruction(mint, TOKEN_2022_PROGRAM_ID),
  DefaultAccountState: (mint) => createInitializeDefaultAccountStateInstruction(mint, AccountState.Frozen, TOKEN_2022_PROGRAM_ID),
  MintCloseAuthority: (mint, who) => createInitializeMintCloseAuthorityInstruction(mint, who, TOKEN_2022_PROGRAM_ID),
};
export const UNSAFE_EXTENSIONS = ['TransferFeeConfig', 'PermanentDelegate', 'TransferHook', 'NonTransferable', 'DefaultAccountState'];

export class Token {
  static async create(cluster, program, { decimals = 6, extensions = [] } = {}) {
    const [authority, mint] = [await cluster.wallet(), cluster.key()];
    const space = extensions.length ? getMintLen(extensions.map((e) => ExtensionType[e])) : MINT_SIZE;
    const lamports = await cluster.connection.getMinimumBalanceForRentExemption(space);
    await cluster.ok([
      SystemProgram.createAccount({ fromPubkey: authority.publicKey, newAccountPubkey: mint.publicKey, space, lamports, programId: program }),
      ...extensions.map((e) => initialize[e](mint.publicKey, authority.publicKey)),
      createInitializeMint2Instruction(mint.publicKey, decimals, authority.publicKey, authority.publicKey, program),
    ], [authority, mint]);
    return new Token(cluster, program, mint.publicKey, authority);
  }

  constructor(cluster, program, mint, authority) {
    Object.assign(this, { cluster, program, mint, authority });
  }

  account = (owner) => getAssociatedTokenAddressSync(this.mint, owner, true, this.program, ASSOCIATED_TOKEN_PROGRAM_ID);

  /** Makes the owner's token account and puts the amount there. */
  async fund(owner, amount) {
    const account = this.account(owner);
    await this.cluster.ok([
      createAssociatedTokenAccountIdempotentInstruction(this.authority.publicKey, account, owner, this.mint, this.program),
      ...(amount ? [createMintToInstruction(this.mint, account, this.authority.publicKey, amount, [], this.program)] : []),
    ], [this.authority]);
    return account;
  }

  async balance(account) {
    return (await getAccount(this.cluster.connection, account, 'confirmed', this.program)).amount;
  }

  async supply() {
    return BigInt((await this.cluster.connection.getTokenSupply(this.mint)).value.amount);
  }
}
