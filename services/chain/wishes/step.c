#include "services/chain/wishes/step.h"

// How many pass between tries of what is set apart, a few minutes; and of what is stuck, about an hour.
enum { APART_BLOCKS = 500, STUCK_BLOCKS = 9000 };

// A ticket that was there is gone; not one that this state is too old for.
static bool is_ticket_gone(const struct wish *wish, const struct sight *sight)
{
    return !sight->has_ticket && sight->slot >= wish->seen_slot;
}

static bool is_divided(const struct sight *sight)
{
    return sight->event.state == SOLANA_EVENT_SETTLING || sight->event.state == SOLANA_EVENT_SETTLED;
}

// Its parts are paid, or nobody won.
static bool is_paid_out(const struct wish *wish) { return !wish->pays_out || wish->all_paid; }

// While its event is open there only a refund takes a ticket, and behind the settlement one that was set
// apart by it. Of an event that a restored ledger takes to be open, or that is closed there, nothing follows
// from that a ticket is gone, and of a pot nothing from that the event is. Strays are nobody's.
bool step_asks_history(const struct wish *wish, const struct sight *sight)
{
    enum outbox_kind kind = wish->aim.kind;
    bool refund = kind == OUTBOX_REFUND && wish->aim.slot != WISH_STRAY;
    if (kind == OUTBOX_SETTLE)
        return !sight->has_event && wish->cluster.state != TILL_OFF && is_paid_out(wish);
    if ((!refund && kind != OUTBOX_PAY_TICKET) || !is_ticket_gone(wish, sight)) return false;
    bool apart = wish->cluster.state == TILL_SETTLED && wish->has_job;
    return !sight->has_event || (refund && is_divided(sight) && !apart);
}

bool step_was_given(const struct wish *wish, const struct sight *sight)
{
    bool part = wish->aim.kind == OUTBOX_PAY_TICKET;
    return sight->has_ended && (part ? sight->back >= wish->amount : sight->back == wish->amount);
}

static bool is_ticket_spent(const struct wish *wish, const struct sight *sight)
{
    bool asks = step_asks_history(wish, sight);
    return is_ticket_gone(wish, sight) && (!asks || step_was_given(wish, sight));
}

static bool is_settled(const struct wish *wish, const struct sight *sight)
{
    enum solana_event_state state = sight->event.state;
    if (!sight->has_event) return sight->was_settled && is_paid_out(wish);
    return state == SOLANA_EVENT_SETTLED || (state == SOLANA_EVENT_SETTLING && is_paid_out(wish));
}

static bool has_landed(const struct wish *wish, const struct sight *sight)
{
    switch (wish->aim.kind) {
    case OUTBOX_INIT_EVENT:
        return sight->has_event;
    case OUTBOX_SETTLE:
        return is_settled(wish, sight);
    case OUTBOX_REFUND:
    case OUTBOX_PAY_TICKET:
        return is_ticket_spent(wish, sight);
    case OUTBOX_CLOSE_TICKET:
        return is_ticket_gone(wish, sight);
    case OUTBOX_CLOSE:
        return !sight->has_event;
    case OUTBOX_INIT_LIST:
        return sight->has_list;
    case OUTBOX_WITHDRAW:
        return sight->has_mark;
    default:
        return false; // a seat is the watch's
    }
}

static bool is_owed(const struct wish *wish, const struct sight *sight)
{
    return sight->event.state == SOLANA_EVENT_SETTLING &&
           sight->event.owed >= (uint64_t)(wish->amount + wish->more);
}

// Behind the settlement it is owed, when it was set apart there.
static bool takes_refund(const struct wish *wish, const struct sight *sight)
{
    enum solana_event_state state = sight->event.state;
    return state == SOLANA_EVENT_OPEN || state == SOLANA_EVENT_CANCELLED ||
           (wish->cluster.state == TILL_SETTLED && is_owed(wish, sight));
}

// While something is still owed, another ticket has to stay for it.
static bool takes_close(const struct sight *sight)
{
    enum solana_event_state state = sight->event.state;
    return state == SOLANA_EVENT_SETTLED || (state == SOLANA_EVENT_SETTLING && sight->event.reserved > 1);
}

// Whether the program would take it.
static bool can_land(const struct wish *wish, const struct sight *sight)
{
    enum solana_event_state state = sight->event.state;
    if (wish->aim.kind == OUTBOX_INIT_EVENT) return !sight->has_event;
    if (wish->aim.kind == OUTBOX_INIT_LIST) return !sight->has_list;
    if (wish->aim.kind == OUTBOX_WITHDRAW) return sight->funds >= (uint64_t)wish->amount + STEP_FUNDS_LEFT;
    if (!sight->has_event || wish->pays_out) return false;
    switch (wish->aim.kind) {
    case OUTBOX_REFUND:
        return sight->has_ticket && takes_refund(wish, sight);
    case OUTBOX_SETTLE:
        return (state == SOLANA_EVENT_OPEN || state == SOLANA_EVENT_LOCKED) &&
               sight->event.reserved == wish->tickets;
    case OUTBOX_PAY_TICKET:
        return sight->has_ticket && !wish->waits && is_owed(wish, sight);
    case OUTBOX_CLOSE_TICKET:
        return sight->has_ticket && takes_close(sight);
    case OUTBOX_CLOSE:
        return !sight->event.reserved && state != SOLANA_EVENT_SETTLING;
    default:
        return false;
    }
}

// What does not land is tried again all the same, since what stood in its way may be gone.
static bool is_tried_later(const struct wish *wish, const struct sight *sight)
{
    uint64_t blocks = wish->stuck ? STUCK_BLOCKS : wish->set_apart ? APART_BLOCKS : 0;
    return blocks && wish->has_job && sight->height < wish->job.last_valid_height + blocks;
}

// Its event was settled with all of its money to the pool.
static bool is_out_of_reach(const struct wish *wish, const struct sight *sight)
{
    return wish->aim.kind == OUTBOX_REFUND && wish->aim.slot != WISH_STRAY && wish->stuck &&
           sight->has_event && sight->has_ticket && sight->event.state == SOLANA_EVENT_SETTLED;
}

// None of its bytes can land any more.
static bool is_in_vain(const struct wish *wish, int64_t now_ms)
{
    bool tried = wish->has_job && wish->job.tries >= STEP_WITHDRAWAL_TRIES;
    return wish->aim.kind == OUTBOX_WITHDRAW &&
           (tried || wish->owes || now_ms - wish->since_ms >= STEP_STUCK_MS);
}

static enum step step_of_idle(const struct wish *wish, const struct sight *sight, int64_t now_ms)
{
    if (!wish->wanted) return wish->has_job ? STEP_DROP : STEP_WAIT;
    if (is_in_vain(wish, now_ms)) return STEP_FAIL;
    if (!wish->stuck && wish->since_ms && now_ms - wish->since_ms >= STEP_STUCK_MS) return STEP_STICK;
    if (is_out_of_reach(wish, sight)) return STEP_CREDIT;
    return !is_tried_later(wish, sight) && can_land(wish, sight) ? STEP_COMPOSE : STEP_WAIT;
}

enum step step_of(const struct wish *wish, const struct sight *sight, int64_t now_ms)
{
    bool sent = wish->has_job && wish->job.state == OUTBOX_SENT;
    if (has_landed(wish, sight)) return STEP_LANDED;
    if (sent && wish->aim.kind == OUTBOX_SEAT) return STEP_SEND;
    if (sent) return sight->height > wish->job.last_valid_height ? STEP_DEAD : STEP_SEND;
    return step_of_idle(wish, sight, now_ms);
}
