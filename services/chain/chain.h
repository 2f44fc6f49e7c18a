// The chain service's state, shared by its handlers and threads.
#ifndef CHAIN_CHAIN_H
#define CHAIN_CHAIN_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/audit/audit.h"
#include "lib/base/merkle.h"
#include "lib/bus/bus.h"
#include "lib/keys/keyring.h"
#include "lib/service/config.h"
#include "lib/store/store.h"

struct book;
struct bus_listener;
struct certifier;
struct cluster;
struct keeper;
struct live;
struct names;
struct mirror;
struct node;
struct book_rows;
struct bus_consumer;
struct seats_due;
struct replica;

// The lease of what is made from the ledger by one process.
#define CHAIN_PROJECTS "projects"
// In the ring: an Ed25519 seed that signs blocks; and what addresses of the coiniXerr protocol are salted
// with.
#define CHAIN_KEY_LEDGER "ledger"
#define CHAIN_KEY_COINIXERR "coinixerr"

struct chain_settings {
    int64_t transfer_limit; // of one user's transfers in a day, in minor units of CONSE; 0: none
    int64_t opening_least;  // what opens a key's account, in the same
    int64_t market_fee_bp;  // of what who sells a card gets, in basis points
    // Of a finished game that gives cards: what it must have had at least.
    int64_t reward_players, reward_phases, reward_minutes;
    int64_t reward_games;        // of one player in a day
    int64_t reward_god_games;    // of one god
    const char *coinixerr;       // where this process listens for the coiniXerr protocol, host:port, or "off"
    const char *mirror;          // another node, host:port, that gets the blocks; "": none
    const char *solana_rpc;      // a node of the cluster; "": none, and no seat costs LAMPORTS
    const char *solana_key_file; // the authority's
    const char *ticket_program, *whitelist_program;
    const char *solana_pool, *solana_revenue; // wallets
    int64_t solana_unit_price;                // of a permit's priority fee, in micro-lamports
    int64_t solana_credit_fee;                // of a seat that credit pays for, in lamports
    const char *public_url;                   // of the gateway, without a slash at its end
};

struct chain {
    struct chain_settings settings;
    const char *self; // where others call this process; NULL in tools and tests
    struct store *store;
    struct replica *replica;         // NULL in tools and tests
    struct bus_publisher *publisher; // NULL in tools and tests
    struct bus_listener *peers;      // NULL too, and on an exclusive store
    struct certifier *certifier;     // NULL in tools and tests
    struct names *names;
    struct keyring *keys;
    struct audit *audit;
    struct live *books;         // its one object
    struct merkle_hash id;      // the ledger's, since keeper_begin
    atomic_bool news;           // the ledger has an entry that nothing is made of yet
    _Atomic int64_t tried_ms;   // monotonic: when somebody wrote to the full disk last
    struct keeper *keeper;      // NULL in tools
    struct book_rows *rows;     // NULL in tools
    pthread_mutex_t rows_mutex; // one thread makes rows
    uint64_t rows_entry;        // which rows are known to reach; guarded by it
    struct seats_due *due;      // the same
    struct metrics *metrics;    // or NULL
    struct cluster *cluster;    // NULL in tools, and where no node is named; it has the authority's key
    struct bus_consumer *_Atomic money; // the same: follows events
    struct bus_consumer *games;         // the same
    struct bus_consumer *coins;         // the same, of ai
    struct mirror *mirror;              // NULL in tools, and without another node
    struct node *node;                  // NULL in tools, and where nothing is listened for
};

struct chain_options {
    const struct chain_settings *settings;
    const char *data_dir;
    const char *store_url;
    const char *self;        // where others call this process; NULL in tools
    struct metrics *metrics; // or NULL
    const char *master_keys; // CONSE_MASTER_KEY_FILE; NULL: none, keys are files
};

extern const struct config_var chain_vars[]; // fill a struct chain_settings

// Opens keys, store, names. It starts no threads, and does not load the ledger.
MUST_CHECK bool chain_open(struct chain *chain, const struct chain_options *options, struct err *err);
// Loads the ledger, and begins it when there is none; starts the threads.
MUST_CHECK bool chain_start(struct chain *chain, struct err *err);
void chain_close(struct chain *chain); // stops the threads too

#endif
