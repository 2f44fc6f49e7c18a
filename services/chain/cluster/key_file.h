// The authority's secret key, in a file as Solana's tools write it.
#ifndef CHAIN_CLUSTER_KEY_FILE_H
#define CHAIN_CLUSTER_KEY_FILE_H

#include "lib/base/err.h"
#include "services/chain/solana/key.h"

// A list of 64 numbers: the seed, then the public key. Nobody else may read the file. The caller wipes it.
MUST_CHECK bool signer_read(struct solana_signer *signer, const char *path, struct err *err);

#endif
