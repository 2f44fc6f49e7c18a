// Wallets of the local cluster: key pairs in files as Solana's tools write them, a list of 64 numbers, the
// seed and then the public key.
#ifndef CONSE_UP_WALLET_H
#define CONSE_UP_WALLET_H

#include "lib/base/base58.h"
#include "lib/base/err.h"

// The address of the key in a file that nobody else may read. NOT_FOUND: there is no such file.
MUST_CHECK bool wallet_read(const char *path, char address[BASE58_KEY_TEXT], struct err *err);
// The same; a new key is made, durably and with mode 0600, when there is no such file.
MUST_CHECK bool wallet_load(const char *path, char address[BASE58_KEY_TEXT], struct err *err);

#endif
