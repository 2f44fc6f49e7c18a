#include "services/chain/ledger/dues.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

void ledger_dues_finish(struct ledger_dues *dues)
{
    free(dues->items);
    *dues = (struct ledger_dues){.count = 0};
}

static void dues_swap(struct ledger_dues *dues, size_t a, size_t b)
{
    const struct ledger_due due = dues->items[a];
    dues->items[a] = dues->items[b];
    dues->items[b] = due;
}

static void sift_up(struct ledger_dues *dues, size_t place)
{
    for (size_t parent; place; place = parent) {
        parent = (place - 1) / 2;
        if (dues->items[parent].at_ms <= dues->items[place].at_ms) return;
        dues_swap(dues, parent, place);
    }
}

static void sift_down(struct ledger_dues *dues, size_t place)
{
    for (size_t child; (child = 2 * place + 1) < dues->count; place = child) {
        if (child + 1 < dues->count && dues->items[child + 1].at_ms < dues->items[child].at_ms) child++;
        if (dues->items[place].at_ms <= dues->items[child].at_ms) return;
        dues_swap(dues, place, child);
    }
}

// ---- Room

static void drop_stale(struct ledger_dues *dues, ledger_due_holds *holds, const void *owner)
{
    size_t kept = 0;
    for (size_t i = 0; i < dues->count; i++)
        if (holds(owner, &dues->items[i])) dues->items[kept++] = dues->items[i];
    dues->count = kept;
    for (size_t i = kept / 2; i-- > 0;) sift_down(dues, i);
}

bool ledger_dues_reserve(struct ledger_dues *dues, size_t more, ledger_due_holds *holds, const void *owner)
{
    size_t room = dues->room ? dues->room : FIRST_ROOM;
    if (dues->count + more <= dues->room) return true;
    drop_stale(dues, holds, owner);
    while (room < 2 * (dues->count + more)) room *= 2;
    if (room == dues->room) return true;
    struct ledger_due *grown = realloc(dues->items, room * sizeof *grown);
    if (!grown) return dues->count + more <= dues->room;
    dues->items = grown;
    dues->room = room;
    return true;
}

// ---- Use

void ledger_dues_add(struct ledger_dues *dues, const struct ledger_due *due)
{
    dues->items[dues->count++] = *due;
    sift_up(dues, dues->count - 1);
}

void ledger_dues_drop_first(struct ledger_dues *dues)
{
    dues->items[0] = dues->items[--dues->count];
    sift_down(dues, 0);
}

const struct ledger_due *ledger_dues_first(struct ledger_dues *dues, ledger_due_holds *holds,
                                           const void *owner)
{
    while (dues->count && !holds(owner, &dues->items[0])) ledger_dues_drop_first(dues);
    return dues->count ? dues->items : NULL;
}
