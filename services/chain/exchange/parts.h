// Changes of the market's state. Private to the room.
#ifndef CHAIN_EXCHANGE_PARTS_H
#define CHAIN_EXCHANGE_PARTS_H

#include "services/chain/exchange/told.h"

struct exchange_holder_key {
    uint32_t account, asset;
};
struct exchange_holder {
    uint64_t hash;
    struct exchange_holder_key key;
    struct card_queue cards;
};

// Room for one order of a role, which moves the cards of `holders` accounts; then what follows can't fail.
bool exchange_reserve(struct exchange *exchange, uint32_t asset, uint32_t holders);

// The order as one that rests; its links and cards are empty.
struct exchange_order *exchange_rest(struct exchange *exchange, const struct exchange_order *order);
// It rests no more. Its cards must be gone.
void exchange_close(struct exchange *exchange, struct exchange_order *order);
struct exchange_person *exchange_person_get(struct exchange *exchange, uint32_t account); // made when absent
// Makes room for one more. False without memory.
bool exchange_reserve_cancel(struct exchange *exchange);
void exchange_set_cancel(struct exchange *exchange, uint32_t account, int64_t at_ms);

// From the end of what one account has, to that of another.
void exchange_give(struct exchange *exchange, uint32_t asset, uint32_t from, uint32_t to, uint32_t count);
// Into an order's cards, and out of them.
void exchange_escrow(struct exchange *exchange, struct exchange_order *order, uint32_t count);
void exchange_release(struct exchange *exchange, struct exchange_order *order, uint32_t to, uint32_t count);
// A card of which there is a number, but nobody has it.
void exchange_hand(struct exchange *exchange, uint32_t account, uint32_t asset, uint32_t card);
// One that it has becomes nobody's.
void exchange_take(struct exchange *exchange, uint32_t account, uint32_t asset, uint32_t card);

void exchange_clients_init(struct exchange_clients *clients, const uint8_t seed[16]);
void exchange_clients_finish(struct exchange_clients *clients);
bool exchange_clients_reserve(struct exchange_clients *clients); // room for one
void exchange_remember(struct exchange *exchange, const struct exchange_client *client);

// Whether the entry moves these, as ledger_net leaves them, and nothing else.
bool exchange_moves_only(const Ledger__Entry *entry, const struct ledger_posting *postings, size_t count);
const char *exchange_check_ordered(struct exchange *exchange, const struct ledger_accounts *accounts,
                                   const Ledger__Entry *entry);
void exchange_apply_ordered(struct exchange *exchange, const Ledger__Entry *entry, uint64_t number);

// What happens is told. What there is no memory for is not kept.
void exchange_tell(struct exchange *exchange, const struct exchange_news *news); // without index and before
struct exchange_change {
    uint64_t entry;
    int64_t time_ms;
    uint8_t side;                        // of who came
    const struct exchange_level *levels; // side and price, each once
    size_t level_count;
    const struct exchange_fill *fills;
    size_t fill_count;
};
void exchange_tell_book(struct exchange_role *role, const struct exchange_change *change);
void exchange_forget_messages(struct exchange_role *role);

// Parts of a snapshot.
void exchange_queue_write(const struct exchange_role *role, const struct card_queue *queue,
                          struct fields_writer *writer);
bool exchange_queue_read(struct exchange_role *role, struct card_queue *queue, struct fields_reader *reader);
size_t exchange_holders_size(const struct exchange *exchange);
void exchange_holders_write(const struct exchange *exchange, struct fields_writer *writer);
bool exchange_holders_read(struct exchange *exchange, struct fields_reader *reader);
size_t exchange_clients_size(const struct exchange_clients *clients);
void exchange_clients_write(const struct exchange_clients *clients, struct fields_writer *writer);
bool exchange_clients_read(struct exchange *exchange, struct fields_reader *reader);

#endif
