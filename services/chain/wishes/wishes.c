#include "services/chain/wishes/wishes.h"

#include <stdio.h>
#include <string.h>

#include "services/chain/seats/seats.h"

enum { FIRST_ROOM = 32 };

// ---- The list

static struct wish *add_wish(struct wishes *wishes)
{
    if (wishes->count == wishes->room) {
        size_t room = wishes->room ? 2 * wishes->room : FIRST_ROOM;
        struct wish *all = arena_array(wishes->arena, room, sizeof *all);
        wishes->failed |= !all;
        if (!all) return NULL;
        if (wishes->count) memcpy(all, wishes->all, wishes->count * sizeof *all);
        wishes->all = all;
        wishes->room = room;
    }
    return &wishes->all[wishes->count++];
}

static void take_job(struct wish *wish, const struct book *book)
{
    const struct outbox_job *job = outbox_find(&book->outbox, &wish->aim);
    wish->has_job = job;
    wish->set_apart = wish->stuck || (job && outbox_is_apart(job));
    if (!job) return;
    wish->job = *job;
    wish->stuck |= job->state == OUTBOX_STUCK;
    if (!wish->since_ms) wish->since_ms = job->since_ms;
}

static struct wish *wish_of_event(struct wishes *wishes, const struct till_event *event,
                                  enum outbox_kind kind)
{
    struct wish *wish = add_wish(wishes);
    if (!wish) return NULL;
    *wish = (struct wish){.aim.kind = kind, .cluster = event->cluster, .wanted = true};
    memcpy(wish->aim.subject, event->id, sizeof wish->aim.subject);
    memcpy(wish->event, event->id, sizeof wish->event);
    return wish;
}

static struct wish *wish_of_ticket(struct wishes *wishes, const struct till_payment *of,
                                   enum outbox_kind kind)
{
    struct wish *wish = wish_of_event(wishes, of->event, kind);
    if (!wish) return NULL;
    memcpy(wish->aim.subject, of->id, sizeof wish->aim.subject);
    wish->aim.reference = of->payment.standing.reference;
    wish->seen_slot = of->payment.receipts[of->payment.standing.kept_from].slot;
    return wish;
}

// ---- Of an event

// What an event has beside the tickets of its pot.
struct beside {
    uint32_t apart;       // tickets whose refund does not land
    int64_t apart_amount; // of those
    bool on_way;          // another one, or a permit lives: the number of its tickets may change
};

static void wish_init(struct wishes *wishes, const struct book *book, const struct till_event *event)
{
    struct wish *wish = wish_of_event(wishes, event, OUTBOX_INIT_EVENT);
    if (!wish) return;
    take_job(wish, book);
    wish->wanted = event->stage == PAYMENT_OPEN;
    if (!wish->wanted && !wish->has_job) wishes->count--;
}

// From a ticket.
static bool is_owed(const struct refund *refund)
{
    return refund->to != REFUND_TO_ACCOUNT && refund_is_open(refund);
}

static void wish_refunds(struct wishes *wishes, const struct book *book, const struct till_payment *of,
                         struct beside *beside)
{
    beside->on_way |= of->payment.standing.permit.live;
    for (uint8_t i = 0; i < of->payment.refund_count; i++) {
        const struct refund *refund = &of->payment.refunds[i];
        if (!is_owed(refund)) continue;
        struct wish *wish = wish_of_ticket(wishes, of, OUTBOX_REFUND);
        if (!wish) return;
        wish->aim.slot = i;
        wish->seen_slot = of->payment.receipts[refund->receipt].slot;
        wish->amount = refund->amount;
        wish->since_ms = refund->since_ms;
        wish->stuck = refund->state == REFUND_STUCK;
        take_job(wish, book);
        beside->apart += wish->set_apart;
        beside->apart_amount += wish->set_apart ? wish->amount : 0;
        beside->on_way |= !wish->set_apart;
    }
}

static uint32_t count_kept(const struct till_event *event)
{
    uint32_t count = 0;
    for (const struct till_payment *of = event->first; of; of = of->next)
        count += of->payment.standing.kept > 0;
    return count;
}

// All that it still owes has been owed for a week, and nothing else lies there.
static bool is_given_up(const struct till_event *event, int64_t now_ms)
{
    uint32_t stuck = 0;
    if (event->stage != PAYMENT_CALLED_OFF || till_pot(event)) return false;
    for (const struct till_payment *of = event->first; of; of = of->next) {
        if (of->payment.standing.permit.live) return false;
        for (uint8_t i = 0; i < of->payment.refund_count; i++) {
            const struct refund *refund = &of->payment.refunds[i];
            if (!is_owed(refund)) continue;
            if (now_ms - refund->since_ms < REFUND_STUCK_MS) return false;
            stuck++;
        }
    }
    return stuck;
}

static uint32_t count_owed(const struct till_event *event)
{
    uint32_t count = 0;
    for (const struct till_payment *of = event->first; of; of = of->next)
        for (uint8_t i = 0; i < of->payment.refund_count; i++) count += is_owed(&of->payment.refunds[i]);
    return count;
}

// The pool gets what its tickets paid; from then on nobody can take it out of them. Their owners get credit.
static void wish_give_up(struct wishes *wishes, const struct book *book, const struct till_event *event)
{
    struct wish *wish = wish_of_event(wishes, event, OUTBOX_SETTLE);
    if (!wish) return;
    wish->tickets = count_owed(event);
    wish->pot = (struct pot_terms){.kind = POT_BASIS_POINTS};
    take_job(wish, book);
}

// What who left had to leave of an event that was called off is revenue.
static void wish_settle(struct wishes *wishes, const struct book *book, const struct till_event *event,
                        uint32_t apart)
{
    const struct till_payment *winners[TILL_WINNERS_MAX];
    bool off = event->stage == PAYMENT_CALLED_OFF, won = !off && till_winners(event, winners);
    struct wish *wish = wish_of_event(wishes, event, OUTBOX_SETTLE);
    if (!wish) return;
    wish->tickets = count_kept(event) + apart;
    wish->apart = apart;
    wish->pot = off ? (struct pot_terms){.kind = POT_BASIS_POINTS, .tax = TERMS_WHOLE_BP} : event->terms.pot;
    wish->winners_bp = won ? TERMS_WHOLE_BP - event->terms.pot.god_bp : 0;
    take_job(wish, book);
}

// What all winners of an event have who are not paid yet.
struct unpaid {
    uint32_t count;
    int64_t amount;
};

static struct unpaid unpaid_of(const struct till_payment *const *winners, uint32_t count,
                               const struct pot_split *split)
{
    struct unpaid unpaid = {.count = 0};
    for (uint32_t i = 0; i < count; i++) {
        if (winners[i]->payment.standing.paid_out) continue;
        unpaid.count++;
        unpaid.amount += pot_part(split, i);
    }
    return unpaid;
}

// False: a winner's payment is on its way.
static bool wish_pays(struct wishes *wishes, const struct book *book, const struct till_event *event,
                      const struct beside *beside)
{
    const struct till_payment *winners[TILL_WINNERS_MAX];
    struct seats_division division;
    uint32_t count = event->stage == PAYMENT_DONE ? till_winners(event, winners) : 0, rank = 0;
    bool on_way = false;
    if (!seats_plan(event, count, &division)) return false;
    const struct unpaid unpaid = unpaid_of(winners, count, &division.split);
    for (uint32_t i = 0; i < count; i++) {
        if (winners[i]->payment.standing.paid_out) continue;
        struct wish *wish = wish_of_ticket(wishes, winners[i], OUTBOX_PAY_TICKET);
        if (!wish) return false;
        wish->amount = pot_part(&division.split, i);
        wish->unpaid = unpaid.count;
        wish->unpaid_amount = unpaid.amount;
        wish->apart_amount = beside->apart_amount;
        wish->rank = rank++;
        wish->some_paid = unpaid.count < count;
        take_job(wish, book);
        on_way |= !wish->set_apart;
    }
    struct wish *paid = wish_of_event(wishes, event, OUTBOX_SETTLE);
    if (!paid) return false;
    paid->pays_out = true;
    paid->all_paid = !unpaid.count;
    return !on_way;
}

static bool waits_for_its_part(const struct till_event *event, const struct till_payment *of)
{
    return !event->paid_out && of->winner && !of->payment.standing.paid_out;
}

static void wish_close(struct wishes *wishes, const struct book *book, const struct till_event *event)
{
    struct wish *wish;
    for (const struct till_payment *of = event->first; of; of = of->next) {
        bool there = of->payment.standing.kept || payment_credited(&of->payment);
        if (!there || waits_for_its_part(event, of)) continue;
        wish = wish_of_ticket(wishes, of, OUTBOX_CLOSE_TICKET);
        if (wish) take_job(wish, book);
    }
    wish = wish_of_event(wishes, event, OUTBOX_CLOSE);
    if (wish) take_job(wish, book);
}

static bool is_settling(const struct till_event *event, int64_t now_ms)
{
    bool done =
        event->stage == PAYMENT_DONE && event->payout_ms && event->payout_ms <= now_ms && !event->disputed;
    return (done || event->stage == PAYMENT_CALLED_OFF) && !event->paid_out && till_pot(event) > 0;
}

// A restored ledger may have forgotten that its pot was divided: then nobody can take its end back.
static void wish_look(struct wishes *wishes, const struct till_event *event)
{
    bool waits = event->stage == PAYMENT_DONE && !event->paid_out && till_pot(event) > 0;
    struct wish *wish = waits ? wish_of_event(wishes, event, OUTBOX_SETTLE) : NULL;
    if (wish) wish->wanted = false;
}

static bool is_over(const struct till_event *event)
{
    return event->paid_out || (event->stage == PAYMENT_CALLED_OFF && till_pot(event) == 0);
}

void wishes_of_event(struct wishes *wishes, const struct book *book, const struct till_event *event,
                     int64_t now_ms)
{
    if (!till_is_on_cluster(event) || !event->cluster.price || event->cluster.state == TILL_CLOSED) return;
    if (event->cluster.state == TILL_OFF) {
        wish_init(wishes, book, event);
        return;
    }
    struct beside beside = {.apart = 0};
    bool settled = event->cluster.state == TILL_SETTLED, over = is_over(event);
    for (const struct till_payment *of = event->first; of; of = of->next)
        wish_refunds(wishes, book, of, &beside);
    if (settled && !over) over = wish_pays(wishes, book, event, &beside);
    if (!settled && is_given_up(event, now_ms)) wish_give_up(wishes, book, event);
    bool settles = !settled && !beside.on_way && is_settling(event, now_ms);
    if (settles) wish_settle(wishes, book, event, beside.apart);
    if (!settled && !settles) wish_look(wishes, event);
    if (over && !beside.on_way) wish_close(wishes, book, event);
}

// ---- Credit that goes to wallets

static void wish_withdrawal(struct wishes *wishes, const struct book *book, const struct withdrawal *of)
{
    struct wish *wish = add_wish(wishes);
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
    take_job(wish, book);
}

static bool is_withdrawn(const struct wish *wish, const struct book *book)
{
    const struct withdrawal *open = withdrawals_find(&book->withdrawals, wish->account);
    return open && memcmp(open->id, wish->aim.subject, sizeof open->id) == 0;
}

// ---- Of nobody's, and all

void wishes_put(struct wishes *wishes, const struct wish *wish)
{
    struct wish *added = add_wish(wishes);
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
        if ((!seat && job->aim.slot != WISH_STRAY) || !(wish = add_wish(wishes))) continue;
        *wish = (struct wish){.aim = job->aim};
        memcpy(wish->event, job->aim.subject, sizeof wish->event);
        wish->wanted = !seat && !is_taken(wish, book);
        memcpy(wish->cluster.authority.bytes, authority->bytes, sizeof authority->bytes);
        take_job(wish, book);
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
    struct wish *wish = add_wish(wishes);
    if (!wish) return;
    *wish = (struct wish){.aim.kind = OUTBOX_INIT_LIST, .wanted = true, .list = number};
    struct fields_writer subject = {wish->aim.subject};
    fields_put_uint(&subject, number, 4);
    snprintf(wish->list_name, sizeof wish->list_name, "%s", name);
    take_job(wish, book);
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
