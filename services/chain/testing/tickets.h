// Tickets of an evening that is paid for in LAMPORTS, for tests: a permit is given, and what a node would say
// of its ticket happens.
#ifndef CHAIN_TESTING_TICKETS_H
#define CHAIN_TESTING_TICKETS_H

#include "services/chain/testing/lamports.h"

#include "services/chain/cluster/tickets.h"
#include "services/chain/seats/permits.h"
#include "services/chain/solana/wire.h"

static inline void tickets_begin(struct lamports *lamports, struct book_call *b)
{
    struct house *house = lamports->evening.house;
    struct err err = {0};
    *b = (struct book_call){.chain = &house->chain, .arena = &house->arena};
    assert_true(book_begin_own(b, house->now_ms, true, &err));
}

static inline void tickets_end(struct lamports *lamports, struct book_call *b)
{
    struct err err = {0};
    assert_true(book_commit(b, NULL, &err));
    uint64_t ticket = b->book->live.ticket;
    book_end(b);
    assert_true(!ticket || store_wait(lamports->evening.house->chain.store, ticket, &err));
}

static inline void tickets_permit(struct lamports *lamports, unsigned number)
{
    struct book_call b;
    struct permit_bytes bytes;
    struct err err = {0};
    uint8_t id[TILL_ID_BYTES];
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    uuid_bytes(hold_id(number).text, id);
    tickets_begin(lamports, &b);
    assert_true(seats_ask_permit(&b, till_find_payment(&b.book->till, id), &account, &bytes, &err));
    tickets_end(lamports, &b);
}

// Of a payment; false: it is not watched now.
static inline bool tickets_watched(struct lamports *lamports, unsigned number, struct watched *watched)
{
    struct book_call b;
    size_t count;
    bool found = false;
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(hold_id(number).text, id);
    tickets_begin(lamports, &b);
    const struct watched *all = tickets_gather(b.book, lamports->cluster.now.clock_s, b.arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (memcmp(all[i].payment, id, sizeof id) != 0) continue;
        *watched = all[i];
        found = true;
    }
    tickets_end(lamports, &b);
    return found;
}

// What a node says of a ticket.
struct said {
    bool finalized, present, settled;
    bool by_credit; // the authority has it
    uint64_t slot, height;
    int64_t amount; // 0: the price
};

enum { TICKET_ACCOUNT = 8 + 3 * 32 + 16 };

static inline void tickets_account(const struct lamports *lamports, const struct watched *watched,
                                   const struct said *said, uint8_t bytes[TICKET_ACCOUNT])
{
    const struct cluster_now *now = &lamports->cluster.now;
    const int64_t amount = said->amount ? said->amount : EVENING_PRICE;
    const struct solana_key event = tickets_event(&now->programs, &watched->authority, watched->event),
                            player = said->by_credit ? now->authority : solana_signer_key(&lamports->wallet);
    struct solana_writer writer = solana_writer(bytes, TICKET_ACCOUNT);
    solana_write_u64(&writer, UINT64_C(0xc8eb5a4ea518e429));
    solana_write_key(&writer, &event);
    solana_write_key(&writer, &player);
    solana_write_bytes(&writer, watched->reference.bytes, 32);
    solana_write_u64(&writer, (uint64_t)amount);
    solana_write_i64(&writer, now->clock_s);
}

static inline void tickets_see(struct lamports *lamports, const struct watched *watched, struct said said)
{
    struct book_call b;
    uint8_t bytes[TICKET_ACCOUNT];
    tickets_account(lamports, watched, &said, bytes);
    const struct solana_account account = {.found = said.present,
                                           .owner = lamports->cluster.now.programs.ticket,
                                           .data = bytes,
                                           .data_len = sizeof bytes,
                                           .slot = said.slot};
    const struct sighting sighting = {.watched = watched,
                                      .account = &account,
                                      .finalized = said.finalized,
                                      .settled = said.settled,
                                      .height = said.height};
    tickets_begin(lamports, &b);
    tickets_take(&b, &lamports->cluster.now.programs, &sighting);
    tickets_end(lamports, &b);
}

#endif
