#include "services/chain/cluster/genesis.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *genesis, *name;
} public_clusters[] = {
    {"5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKqc147dw2N9d", "mainnet"},
    {"4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY", "testnet"},
    {"EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxkPZBAG", "devnet"},
};

const char *genesis_name(const struct solana_key *genesis)
{
    char text[SOLANA_KEY_TEXT];
    solana_key_format(genesis, text);
    for (size_t i = 0; i < sizeof public_clusters / sizeof *public_clusters; i++)
        if (strcmp(text, public_clusters[i].genesis) == 0) return public_clusters[i].name;
    return "local";
}
