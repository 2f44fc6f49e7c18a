#include "services/chain/programs/ticket/whitelist_call.h"

#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/ticket/stored.h"
#include "services/chain/programs/whitelist/whitelist.h"

// 2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p
const struct pubkey WHITELIST_PROGRAM = {
    {{0x16, 0xe7, 0x93, 0x0d, 0x50, 0x05, 0x89, 0x94, 0x47, 0xec, 0x66, 0x93, 0x6b, 0x93, 0x34, 0x69,
      0x47, 0x4f, 0x91, 0x86, 0x94, 0x46, 0x20, 0x79, 0x8c, 0x27, 0xc5, 0x73, 0x7d, 0x5e, 0x47, 0xc3}}};

static uint64_t whitelist_call_invoke(const struct call *call, const struct instruction *instruction,
                                      const struct account *event)
{
    struct event_signer signing;
    event_sign(&signing, event);
    return call_invoke(call, instruction, &signing.signer);
}

uint64_t whitelist_add(const struct call *call, const struct whitelist_seat *seat)
{
    const uint64_t data[] = {WHITELIST_ADD, 1};
    struct account_meta metas[] = {
        {seat->event->key, false, true},   {seat->list->key, true, false},  {seat->entry->key, true, false},
        {seat->player->key, false, false}, {seat->player->key, true, true}, {&SYSTEM_PROGRAM, false, false},
    };
    struct instruction instruction = {&WHITELIST_PROGRAM, metas, 6, (const uint8_t *)data, sizeof data};
    return whitelist_call_invoke(call, &instruction, seat->event);
}

uint64_t whitelist_remove(const struct call *call, const struct whitelist_seat *seat)
{
    const uint64_t data[] = {WHITELIST_REMOVE, 1};
    struct account_meta metas[] = {
        {seat->event->key, false, true},   {seat->list->key, true, false},   {seat->entry->key, true, false},
        {seat->player->key, false, false}, {seat->player->key, true, false},
    };
    struct instruction instruction = {&WHITELIST_PROGRAM, metas, 5, (const uint8_t *)data, sizeof data};
    return whitelist_call_invoke(call, &instruction, seat->event);
}

uint64_t whitelist_close(const struct call *call, const struct account *event, const struct account *list,
                         const struct account *rent_payer)
{
    const uint64_t data[] = {WHITELIST_CLOSE};
    struct account_meta metas[] = {
        {event->key, false, true}, {list->key, true, false}, {rent_payer->key, true, false}};
    struct instruction instruction = {&WHITELIST_PROGRAM, metas, 3, (const uint8_t *)data, sizeof data};
    return whitelist_call_invoke(call, &instruction, event);
}
