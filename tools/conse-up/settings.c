#include "tools/conse-up/settings.h"

const struct config_var conse_up_vars[] = {
    {"CONSE_CLUSTER_PORT", CONFIG_INT, 0, "8899",
     "port of 127.0.0.1 where the local Solana cluster listens, with the one above it; 0: free ones", 0, 0,
     NULL},
    {0},
};
