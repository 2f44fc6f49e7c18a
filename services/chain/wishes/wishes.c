#include "services/chain/wishes/wishes.h"

#include <stdio.h>
#include <string.h>

#include "services/chain/wishes/adding.h"

enum { FIRST_ROOM = 32 };

// ---- The list

struct wish *wishes_add(struct wishes *wishes)
{
    if (wishes->count == wishes->room) {
        size_t room = wishes->room ? 2 * wishes->room : FIRST_ROOM;
        struct wish *all = arena_array(wishes->arena, room, sizeof *all);
        wishes->failed |= !all;
        if (!all) return NULL;
        if (wishes->all) memcpy(all, wishes->all, wishes->count * sizeof *all);
        wishes->all = all;
        wishes->room = room;
    }
    return &wishes->all[wishes->count++];
}

void wishes_take_job(struct wish *wish, const struct book *book)
{
    const struct outbox_job *job = outbox_find(&book->outbox, &wish->aim);
    wish->has_job = job;
    wish->set_apart = wish->stuck || (job && outbox_is_apart(job));
    if (!job) return;
    wish->job = *job;
    wish->stuck |= job->state == OUTBOX_STUCK;
    if (!wish->since_ms) wish->since_ms = job->since_ms;
}

// ---- Credit that goes to wallets

static void wish_withdrawal(struct wishes *wishes, const struct book *book, const struct withdrawal *of)
{
    struct wish *wish = wishes_add(wishes);
    if (!wish) return;
    *wish = (struct wish){.aim = {.kind = OUTBOX_WITHDRAW, .reference = of->reference},
                          .wanted = true,
                          .amount = of->amount,
                          .fee = of->fee,
                          .wallet = of->wallet,
                          .account = of->account,
                          .bytes = book->accounts.holdings[of->account].account,
                          .owes = withdrawals_owed(&book->withdrawals, of->account),
                          .since_ms = of->asked_ms};
    memcpy(wish->aim.subject, of->id, sizeof wish->aim.subject);
    wishes_take_job(wish, book);
}

static bool is_withdrawn(const struct wish *wish, const struct book *book)
{
    const struct withdrawal *open = withdrawals_find(&book->withdrawals, wish->account);
    return open && memcmp(open->id, wish->aim.subject, sizeof open->id) == 0;
}

// ---- Of nobody's, and all

void wishes_put(struct wishes *wishes, const struct wish *wish)
{
    struct wish *added = wishes_add(wishes);
    if (added) *added = *wish;
}

void wishes_stray(struct wishes *wishes, const struct book *book, const struct wish *stray)
{
    if (!outbox_find(&book->outbox, &stray->aim)) wishes_put(wishes, stray);
}

// Its ticket is a payment's by now; its event is the ledger's.
static bool is_taken(const struct wish *stray, const struct book *book)
{
    const struct till_event *event = till_find_event(&book->till, stray->event);
    bool taken = stray->aim.kind == OUTBOX_CLOSE && event;
    for (const struct till_payment *of = event ? event->first : NULL; of && !taken; of = of->next)
        taken =
            payment_received(&of->payment) &&
            memcmp(&of->payment.standing.reference, &stray->aim.reference, sizeof stray->aim.reference) == 0;
    return taken;
}

// What wallets signed, and what becomes of tickets and events that nobody knows, follows from the jobs alone.
static void wish_jobs(struct wishes *wishes, const struct book *book, const struct solana_key *authority)
{
    for (const struct outbox_job *job = NULL; (job = outbox_next(&book->outbox, job));) {
        bool seat = job->aim.kind == OUTBOX_SEAT;
        struct wish *wish;
        if ((!seat && job->aim.slot != WISH_STRAY) || !(wish = wishes_add(wishes))) continue;
        *wish = (struct wish){.aim = job->aim};
        memcpy(wish->event, job->aim.subject, sizeof wish->event);
        wish->wanted = !seat && !is_taken(wish, book);
        memcpy(wish->cluster.authority.bytes, authority->bytes, sizeof authority->bytes);
        wishes_take_job(wish, book);
    }
}

void wishes_gather(struct wishes *wishes, const struct book *book, const struct solana_key *authority,
                   int64_t now_ms)
{
    for (const struct till_event *event = NULL; (event = till_next_event(&book->till, event));)
        wishes_of_event(wishes, book, event, now_ms);
    for (const struct withdrawal *of = NULL; (of = withdrawals_next(&book->withdrawals, of));)
        wish_withdrawal(wishes, book, of);
    wish_jobs(wishes, book, authority);
}

// ---- Of a whitelist

// A list takes burns of the mints that it names.
static bool is_to_open(const struct list *list) { return list && list->wanted && !list->opened; }

// Tokens of cards are burned for a list of their own.
static bool is_cards_to_open(const struct book *book)
{
    return book->exchange.mints.there && !book->lists.cards_opened;
}

static void wish_list(struct wishes *wishes, const struct book *book, uint32_t number, const char *name)
{
    struct wish *wish = wishes_add(wishes);
    if (!wish) return;
    *wish = (struct wish){.aim.kind = OUTBOX_INIT_LIST, .wanted = true, .list = number};
    struct fields_writer subject = {wish->aim.subject};
    fields_put_uint(&subject, number, 4);
    snprintf(wish->list_name, sizeof wish->list_name, "%s", name);
    wishes_take_job(wish, book);
}

void wishes_lists(struct wishes *wishes, const struct book *book)
{
    for (uint32_t i = 0; i < book->lists.count; i++)
        if (is_to_open(book->lists.all[i]))
            wish_list(wishes, book, book->lists.all[i]->number, book->lists.all[i]->name);
    if (is_cards_to_open(book)) wish_list(wishes, book, 0, LISTS_CARDS_NAME);
}

// ---- Whether it still is

bool wishes_is_of_ticket(const struct wish *wish)
{
    enum outbox_kind kind = wish->aim.kind;
    return kind == OUTBOX_REFUND || kind == OUTBOX_PAY_TICKET || kind == OUTBOX_CLOSE_TICKET;
}

uint32_t wishes_set_apart(const struct wishes *wishes)
{
    uint32_t count = 0;
    for (size_t i = 0; i < wishes->count; i++)
        count += wishes->all[i].set_apart && wishes_is_of_ticket(&wishes->all[i]);
    return count;
}

uint32_t wishes_stuck(const struct wishes *wishes)
{
    uint32_t count = 0;
    for (size_t i = 0; i < wishes->count; i++) count += wishes->all[i].stuck;
    return count;
}

static bool is_same(const struct wish *a, const struct wish *b)
{
    return memcmp(a->aim.reference.bytes, b->aim.reference.bytes, PAYMENT_KEY_BYTES) == 0 &&
           memcmp(a->aim.subject, b->aim.subject, sizeof a->aim.subject) == 0 && a->aim.kind == b->aim.kind &&
           a->aim.slot == b->aim.slot && a->pays_out == b->pays_out && a->tickets == b->tickets &&
           a->apart == b->apart && a->winners_bp == b->winners_bp && a->amount == b->amount &&
           a->cluster.price == b->cluster.price;
}

bool wishes_is_current(const struct wish *wish, const struct book *book, int64_t now_ms, struct arena *arena)
{
    const struct till_event *event = till_find_event(&book->till, wish->event);
    struct wishes now = {.arena = arena};
    if (wish->aim.kind == OUTBOX_SEAT) return true;
    if (wish->aim.slot == WISH_STRAY) return !is_taken(wish, book);
    if (wish->aim.kind == OUTBOX_INIT_LIST)
        return wish->list ? is_to_open(lists_get(&book->lists, wish->list)) : is_cards_to_open(book);
    if (wish->aim.kind == OUTBOX_WITHDRAW) return is_withdrawn(wish, book);
    if (event) wishes_of_event(&now, book, event, now_ms);
    for (size_t i = 0; i < now.count; i++)
        if (is_same(&now.all[i], wish) && now.all[i].wanted == wish->wanted) return true;
    return false;
}
