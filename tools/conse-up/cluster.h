// The local Solana cluster that conse-up runs beside the services (conse-cluster), and what chain is told of
// it: its address and the wallets of this installation, whose keys are made at the first start.
#ifndef CONSE_UP_CLUSTER_H
#define CONSE_UP_CLUSTER_H

#include "lib/base/err.h"
#include "tools/conse-up/child.h"

// False when CONSE_SOLANA_RPC names another one, and none is to be started.
bool cluster_is_wanted(void);
// Makes a child of it, and sets CONSE_SOLANA_RPC and, where they are not set, CONSE_SOLANA_KEY_FILE, _POOL
// and _REVENUE in the environment. folder: of the programs; it is not there when nobody built it.
MUST_CHECK bool cluster_settle(struct child *child, const char *folder, struct err *err);

#endif
