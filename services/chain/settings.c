// The chain service's settings, as --help lists them.
#include <stddef.h>

#include "services/chain/chain.h"

#define AT(field) offsetof(struct chain_settings, field)

const struct config_var chain_vars[] = {
    {"CONSE_TRANSFER_LIMIT", CONFIG_INT, AT(transfer_limit), "1000000",
     "what one user may give away in a day (UTC), in minor units of CONSE; 0: no limit", 0, (int64_t)1 << 53,
     0},
    {"CONSE_LEDGER_OPENING", CONFIG_INT, AT(opening_least), "100",
     "what has to be sent to a key that has no account yet, in minor units of CONSE", 1, (int64_t)1 << 53, 0},
    {"CONSE_MARKET_FEE_BP", CONFIG_INT, AT(market_fee_bp), "0",
     "what is kept of the price of a role card that is sold, in hundredths of a percent", 0, 10000, 0},
    {"CONSE_REWARD_PLAYERS", CONFIG_INT, AT(reward_players), "5",
     "how many players must have been at a game, as its god noted, so that it gives role cards", 1, 100, 0},
    {"CONSE_REWARD_PHASES", CONFIG_INT, AT(reward_phases), "3", "how many phases of it must have been closed",
     0, 200, 0},
    {"CONSE_REWARD_MINUTES", CONFIG_INT, AT(reward_minutes), "20",
     "how many minutes it must have lasted from its first phase on", 0, 1440, 0},
    {"CONSE_REWARD_GAMES", CONFIG_INT, AT(reward_games), "3",
     "how many games of a day (UTC) give a player a role card", 0, 1000, 0},
    {"CONSE_REWARD_GOD_GAMES", CONFIG_INT, AT(reward_god_games), "5",
     "how many games of one god give role cards in a day", 0, 1000, 0},
    {"CONSE_COINIXERR", CONFIG_TEXT, AT(coinixerr), "127.0.0.1:7369",
     "where this process listens for the coiniXerr protocol, host:port, or off", 0, 0, NULL},
    {"CONSE_COINIXERR_ADDR", CONFIG_TEXT, AT(mirror), "",
     "another node, host:port, that gets every block; empty: none", 0, 0, NULL},
    {"CONSE_SOLANA_RPC", CONFIG_TEXT, AT(solana_rpc), "",
     "URL of a node of the cluster on which seats are paid for in LAMPORTS; empty: none", 0, 0, NULL},
    {"CONSE_SOLANA_KEY_FILE", CONFIG_PATH, AT(solana_key_file), "",
     "file with the key of the events' authority, as Solana's tools write it, mode 0600; needed with a "
     "cluster",
     0, 0, NULL},
    {"CONSE_SOLANA_TICKET_PROGRAM", CONFIG_TEXT, AT(ticket_program),
     "bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk", "address of the ticket program", 0, 0, NULL},
    {"CONSE_SOLANA_WHITELIST_PROGRAM", CONFIG_TEXT, AT(whitelist_program),
     "2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p", "address of the whitelist program", 0, 0, NULL},
    {"CONSE_SOLANA_POOL", CONFIG_TEXT, AT(solana_pool), "",
     "wallet that gets what of a pot is nobody's; needed with a cluster", 0, 0, NULL},
    {"CONSE_SOLANA_REVENUE", CONFIG_TEXT, AT(solana_revenue), "",
     "wallet that gets the tax on pots; needed with a cluster", 0, 0, NULL},
    {"CONSE_SOLANA_UNIT_PRICE", CONFIG_INT, AT(solana_unit_price), "10000",
     "priority fee of a seat's transaction, which who pays bears, in millionths of a lamport for each of its "
     "50 000 "
     "compute units",
     0, 1000000, 0},
    {"CONSE_SOLANA_CREDIT_FEE", CONFIG_INT, AT(solana_credit_fee), "11000",
     "lamports of credit that a seat takes beside its price, for the transactions that make its ticket and "
     "give "
     "it back",
     0, 1000000, 0},
    {"CONSE_PUBLIC_URL", CONFIG_TEXT, AT(public_url), "http://localhost:7438",
     "where people reach it: wallets ask there for the transaction that pays for a seat", 0, 0, 0},
    {0},
};
