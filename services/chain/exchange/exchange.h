// The market of role cards, as a part of the ledger's fold: for each role a book of resting orders, and the
// cards that there are; what waits of each account. What moves is in the ledger's postings; this says what
// for. Pure, one thread at a time. docs/market.md has the rules.
#ifndef CHAIN_EXCHANGE_EXCHANGE_H
#define CHAIN_EXCHANGE_EXCHANGE_H

#include "services/chain/exchange/cards.h"
#include "services/chain/exchange/mints.h"
#include "services/chain/ledger/accounts.h"
#include "services/chain/ledger/dues.h"
#include "services/chain/market/market.h"

enum {
    EXCHANGE_RULES = 1, // their version
    EXCHANGE_CONSE = 1, // the asset that is paid with
    EXCHANGE_FIRST_ASSET = 16,
    EXCHANGE_FILLS_MAX = 200,     // of one order
    EXCHANGE_OPEN_MAX = 200,      // orders of one account
    EXCHANGE_QUANTITY_MAX = 1000, // cards of one order
    EXCHANGE_WITHDRAWN_MAX = 200, // orders of one entry
    EXCHANGE_RESTING_MAX = 1 << 16,
    EXCHANGE_CLIENT_BYTES = 16,
    EXCHANGE_CLIENTS_MAX = 1 << 18, // that are remembered
    EXCHANGE_CLIENT_MS = 24 * 3600 * 1000,
    EXCHANGE_FEE_MAX = 10000 // basis points
};
static const int64_t EXCHANGE_VALUE_MAX = INT64_C(1) << 53; // price x quantity

struct exchange_last {
    int64_t price; // 0: there was none
    int64_t time_ms;
    uint64_t number; // of its entry
    uint32_t quantity;
    uint8_t place; // among the entry's
    uint8_t side;  // of who came: enum market_side
};

struct exchange_messages; // told.h
struct exchange_news;

// The book of one role.
struct exchange_role {
    uint8_t role_id[16];
    bool stopped;  // by operators
    bool disabled; // in the catalogue, by this version of the role, of the store of this generation
    uint64_t disabled_version, disabled_generation;
    struct market *market; // NULL before its first order
    struct exchange_cards cards;
    struct exchange_last last;          // trade
    uint64_t told;                      // messages about the book
    struct exchange_messages *messages; // the newest of them, in this process; NULL: none
};

// One that rests. Valid until the next change.
struct exchange_order {
    uint64_t hash; // the map's
    uint64_t number;
    uint64_t older, newer; // of the same account; 0: none
    uint64_t changed;      // the newest entry that said something of it
    int64_t price;
    int64_t value; // of what is filled, each at its price
    int64_t created_ms;
    uint32_t account, asset;
    uint32_t quantity, filled;
    struct card_queue cards; // of one to sell
    uint8_t side;            // enum market_side
    bool post_only;
    uint8_t client[EXCHANGE_CLIENT_BYTES]; // zeros: it has none
};

// Of one account. Valid until the next change.
struct exchange_person {
    uint64_t hash;
    uint32_t account;
    uint32_t count; // of its resting orders
    uint64_t oldest, newest;
    int64_t cancel_ms; // when they are to be withdrawn; 0: never
    uint64_t told;     // what was told them of their orders
    uint64_t news;     // the place of the newest of it in this process, from 1; 0: it is not there
};

// What clients named their orders, newest last.
struct exchange_client {
    uint64_t number;
    int64_t time_ms;
    uint32_t account;
    uint8_t id[EXCHANGE_CLIENT_BYTES];
};
struct client_node;
struct exchange_clients {
    struct ledger_map map;    // account and name
    struct ledger_map owners; // accounts that have some
    struct client_node *nodes;
    uint32_t count, room;
    uint32_t oldest, newest, spare; // places among nodes, from 1; 0: none
};

struct exchange {
    struct exchange_role *roles; // by asset
    uint32_t roles_count, roles_room;
    struct ledger_map orders, people;
    struct ledger_map holders; // account and asset: cards that are in no order
    struct exchange_clients clients;
    struct card_mints mints;
    struct exchange_news *news; // in this process: the newest, in a ring; NULL: none
    uint64_t news_count;        // that there were
    struct ledger_dues cancels; // of people
};

void exchange_init(struct exchange *exchange, const uint8_t seed[16]);
void exchange_finish(struct exchange *exchange);

// The next asset is this role's. False without memory.
bool exchange_add_role(struct exchange *exchange, const uint8_t role_id[16]);

// Makes the role's book, unless there is one. False without memory.
bool exchange_open(struct exchange *exchange, uint32_t asset);

// NULL: there is none.
struct exchange_role *exchange_role(const struct exchange *exchange, uint32_t asset);
struct exchange_order *exchange_order(const struct exchange *exchange, uint64_t number);
struct exchange_person *exchange_person(const struct exchange *exchange, uint32_t account);
const struct card_queue *exchange_holder(const struct exchange *exchange, uint32_t account, uint32_t asset);
// 0: none that is remembered at this time.
uint64_t exchange_client(const struct exchange *exchange, uint32_t account,
                         const uint8_t id[EXCHANGE_CLIENT_BYTES], int64_t now_ms);
// The account whose time to cancel came first, by then; LEDGER_NO_ACCOUNT: none.
uint32_t exchange_due(struct exchange *exchange, int64_t now_ms);

// Whether its cards are not dealt in.
bool exchange_is_stopped(const struct exchange_role *role);
// Whether this version of the role is not older than what is known of it.
bool exchange_is_news(const struct exchange_role *role, uint64_t version, uint64_t generation);

// CRC32 of the ten best levels, asks from the lowest, then bids from the highest, each "price:quantity;".
uint32_t exchange_checksum(const struct exchange_role *role);

// What became of all cards that were made.
struct exchange_sum {
    uint64_t made, taken_back, held, resting, away; // by accounts; in orders; on the cluster, or on the way
};
// False: a card is in two places, or balances say something else; or memory is short.
bool exchange_count(const struct exchange *exchange, const struct ledger_accounts *accounts,
                    struct exchange_sum *sum);

// Everything, for a snapshot. Roles are added before.
size_t exchange_size(const struct exchange *exchange);
void exchange_write(const struct exchange *exchange, struct fields_writer *writer);
bool exchange_read(struct exchange *exchange, struct fields_reader *reader);

#endif
