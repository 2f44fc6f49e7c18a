import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key that airdrops come from: the same in every run, so that balances in a test repeat. */
export function makeFaucet() {
  const seed = createHash('sha256').update('svm-rpc faucet').digest();
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { publicKey, sign: (message) => sign(null, message, privateKey) };
}
