// Mints and token accounts, made with the stock SPL client.
import {
  ACCOUNT_SIZE, ASSOCIATED_TOKEN_PROGRAM_ID, ExtensionType, MINT_SIZE, TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createAssociatedTokenAccountIdempotentInstruction, createCloseAccountInstruction,
  createInitializeAccount3Instruction, createInitializeDefaultAccountStateInstruction, createInitializeMint2Instruction, createInitializeMintCloseAuthorityInstruction, createInitializeNonTransferableMintInstruction,
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
    const token = new Token(cluster, program, cluster.key(), await cluster.wallet());
    await token.#make(decimals, extensions);
    return token;
  }

  constructor(cluster, program, key, authority) {
    Object.assign(this, { cluster, program, key, mint: key.publicKey, authority });
  }

  async #make(decimals, extensions) {
    const { cluster, program, key, mint, authority } = this;
    const space = extensions.length ? getMintLen(extensions.map((e) => ExtensionType[e])) : MINT_SIZE;
    const lamports = await cluster.connection.getMinimumBalanceForRentExemption(space);
    await cluster.ok([
      SystemProgram.createAccount({ fromPubkey: authority.publicKey, newAccountPubkey: mint, space, lamports, programId: program }),
      ...extensions.map((e) => initialize[e](mint, authority.publicKey)),
      createInitializeMint2Instruction(mint, decimals, authority.publicKey, authority.publicKey, program),
    ], [authority, key]);
  }

  /** The issuer closes the mint, while there are no tokens, and makes another one at the same address. */
  async remake(extensions) {
    const { publicKey } = this.authority;
    await this.cluster.ok(createCloseAccountInstruction(this.mint, publicKey, publicKey, [], this.program), [this.authority]);
    await this.#make(6, extensions);
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

  /** Another token account of the owner, who need not sign for it. */
  async spare(owner) {
    const account = this.cluster.key();
    const lamports = await this.cluster.connection.getMinimumBalanceForRentExemption(ACCOUNT_SIZE);
    await this.cluster.ok([
      SystemProgram.createAccount({ fromPubkey: this.authority.publicKey, newAccountPubkey: account.publicKey, lamports, space: ACCOUNT_SIZE, programId: this.program }),
      createInitializeAccount3Instruction(account.publicKey, this.mint, owner, this.program),
    ], [this.authority, account]);
    return account.publicKey;
  }

  async balance(account) {
    return (await getAccount(this.cluster.connection, account, 'confirmed', this.program)).amount;
  }

  async supply() {
    return BigInt((await this.cluster.connection.getTokenSupply(this.mint)).value.amount);
  }
}
