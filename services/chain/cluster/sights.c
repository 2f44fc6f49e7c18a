// What the cluster has of what is wanted of it.
#include <string.h>

#include "lib/base/clock.h"
#include "services/chain/cluster/tickets.h"
#include "services/chain/cluster/turn.h"
#include "services/chain/wishes/parts.h"
#include "services/chain/withdrawals/mark.h"

// Its mark is of who signed the bytes that may land.
static void withdrawal_keys(const struct turn *turn, const struct wish *wish, struct solana_key keys[2])
{
    struct solana_transaction tx;
    struct err err;
    bool signed_by = wish->has_job && solana_transaction_parse(&tx, wish->job.bytes, wish->job.len, &err);
    mark_address(&keys[0], signed_by ? &tx.keys[0] : &turn->now.authority, &wish->aim.reference);
    keys[1] = turn->now.authority;
}

static void wish_keys(const struct turn *turn, const struct wish *wish, struct solana_key keys[2])
{
    struct payment_key authority = wish->cluster.authority;
    if (wish->aim.kind == OUTBOX_WITHDRAW) {
        withdrawal_keys(turn, wish, keys);
        return;
    }
    if (wish->cluster.state == TILL_OFF)
        memcpy(authority.bytes, turn->now.authority.bytes, sizeof authority.bytes);
    const struct watched ticket = {.authority = authority, .reference = wish->aim.reference};
    struct watched named = ticket;
    memcpy(named.event, wish->event, sizeof named.event);
    keys[0] = tickets_event(&turn->now.programs, &authority, wish->event);
    keys[1] = tickets_address(&turn->now.programs, &named);
    if (wish->aim.kind == OUTBOX_INIT_LIST)
        solana_list_address(&keys[0], &turn->now.programs, &turn->now.authority, wish->list_name);
}

static void take_sights(struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++) {
        struct sight *sight = &turn->sights[i];
        struct solana_list list;
        const struct solana_account *accounts = &turn->reading.accounts[2 * i];
        *sight = (struct sight){.slot = turn->reading.slot, .height = turn->now.finalized_height};
        sight->has_mark = mark_is_there(&accounts[0]);
        sight->funds = accounts[1].lamports;
        sight->has_event = solana_event_read(&sight->event, &accounts[0], &turn->now.programs);
        sight->has_ticket = solana_ticket_read(&sight->ticket, &accounts[1], &turn->now.programs);
        sight->has_list = solana_list_read(&list, &accounts[0], &turn->now.programs);
    }
}

// One question of a turn is enough.
static void look_at_history(struct turn *turn)
{
    for (size_t i = 0; i < turn->count && !turn->asked; i++) {
        const struct past_question question = {.rpc = turn->sender->finalized,
                                               .programs = &turn->now.programs,
                                               .wish = &turn->wishes[i],
                                               .number = turn->first + i,
                                               .now_ms = clock_mono_ms()};
        if (step_asks_history(&turn->wishes[i], &turn->sights[i]))
            turn->asked = past_look(&turn->sender->past, &question, turn->arena, &turn->sights[i]);
    }
}

bool turn_look(struct turn *turn)
{
    struct solana_key keys[READING_KEYS_MAX];
    struct solana_fault fault;
    for (size_t i = 0; i < turn->count; i++) wish_keys(turn, &turn->wishes[i], &keys[2 * i]);
    struct sender *sender = turn->sender;
    uint64_t least = turn->finalized_slot > sender->read_slot ? turn->finalized_slot : sender->read_slot;
    if (!reading_accounts(sender->finalized, keys, 2 * turn->count, least, &turn->reading, &fault))
        return false;
    sender->read_slot = turn->reading.slot;
    take_sights(turn);
    reading_finish(&turn->reading);
    parts_adjust(turn->wishes, turn->sights, turn->count,
                 turn->reading.slot >= sender->since_slot + TURN_LAG_SLOTS);
    look_at_history(turn);
    return true;
}
