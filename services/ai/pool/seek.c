#include "services/ai/pool/seek.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/names/names.h"
#include "services/ai/pool/kept.h"
#include "services/ai/pool/ticket.h"
#include "services/ai/pool/verdict.h"
#include "services/ai/standings/board.h"

enum { ROUNDS_A_TICK = 1000, PEOPLE_MOST = 256 };

// Two points are half of what a good evening differs from a bad one (rating_defaults.beta); after three
// minutes everybody will do.
const struct queue_options seek_options = {.window = 2, .window_per_s = 0.05, .patience_ms = 180 * 1000};

static bool no_room(struct err *err) { return err_fail(err, INTERNAL_ERROR, "no memory for the queue"); }

// ---- Who waits

struct rating seek_belief(struct ai *ai, const char *user_id, int64_t now_ms)
{
    const struct standings *standings = board_hold(ai->board);
    const uint32_t number = standings_player(standings, user_id);
    const struct rating rating =
        number ? standings_belief(&standings->players[number - 1], now_ms / STANDINGS_DAY_MS)
               : standings_options.prior;
    board_release(ai->board);
    return rating;
}

struct rating seek_rating(struct ai *ai, const char *user_id, int64_t now_ms)
{
    return names_opted_out(ai->names, user_id, NAMES_NO_RATING) ? standings_options.prior
                                                                : seek_belief(ai, user_id, now_ms);
}

static bool may_play(const struct seek *seek, const char *user_id)
{
    struct name_told told;
    return names_get(seek->ai->names, user_id, &told) && told.suspended_until_ms <= seek->now_ms;
}

static void join_one(struct seek *seek, uint32_t tag)
{
    const Queue__TicketRow *row = seek->seekers[tag].row;
    const Queue__Wishes *wishes = row->wishes;
    struct queue_ticket ticket = {.tag = tag,
                                  .mu = seek_rating(seek->ai, row->user_id, seek->now_ms).mu,
                                  .joined_ms = (uint64_t)row->joined_ms,
                                  .size_min = wishes->size_min ? wishes->size_min : 1,
                                  .size_max = wishes->size_max ? wishes->size_max : QUEUE_MOST_SEATS,
                                  .below = wishes->ranged_below ? wishes->below : INFINITY,
                                  .above = wishes->ranged_above ? wishes->above : INFINITY};
    uuid_bytes(row->user_id, ticket.id.bytes);
    (void)queue_join(seek->queue, &ticket); // what was stored has been judged
}

bool seek_begin(struct seek *seek, struct ai *ai, const struct outside *outside, struct arena *arena,
                int64_t now_ms, struct err *err)
{
    const struct tickets *tickets;
    *seek = (struct seek){.ai = ai, .outside = outside, .arena = arena, .now_ms = now_ms};
    if (!kept_read(ai->kept, ai->store, &tickets, err)) return false;
    seek->seekers = arena_array(arena, tickets->count + 1, sizeof *seek->seekers);
    seek->queue = queue_create(&seek_options, (uint32_t)tickets->count + 1);
    if (!seek->seekers || !seek->queue) return no_room(err);
    for (size_t i = 0; i < tickets->count; i++) {
        const struct ticket *ticket = &tickets->all[i];
        const Queue__TicketRow *row = ticket->row;
        if (!row->wishes || !ticket_waits(row) || !may_play(seek, row->user_id)) continue;
        seek->seekers[seek->count] =
            (struct seeker){.row = row, .version = ticket->version, .user_id = row->user_id};
        join_one(seek, (uint32_t)seek->count++);
    }
    return true;
}

void seek_finish(struct seek *seek)
{
    queue_destroy(seek->queue);
    free(seek->pairs);
}

// ---- What they want

static bool is_among(const char *id, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0) return true;
    return false;
}

static bool can_pay(const Queue__Wishes *wishes, const Events__Event *event)
{
    const Events__Price *price = event->price;
    if (!price || price->currency == EVENTS__PRICE__CURRENCY__FREE) return true;
    return wishes->price_currency == (uint32_t)price->currency && price->amount <= wishes->price_amount;
}

static int64_t starts_ms(const Events__Event *event)
{
    return event->starts_at ? stamp_ms(event->starts_at->utc) : 0;
}

bool seek_wants(const Queue__Wishes *wishes, const Events__Event *event, int64_t now_ms)
{
    return (!wishes->n_group_ids || is_among(event->group_id, wishes->group_ids, wishes->n_group_ids)) &&
           (!wishes->n_god_ids || is_among(event->god_id, wishes->god_ids, wishes->n_god_ids)) &&
           starts_ms(event) <= now_ms + wishes->starts_within_ms && can_pay(wishes, event);
}

static bool is_busy(const struct seek *seek, const struct seeker *seeker)
{
    for (size_t i = 0; i < seeker->busy_count; i++)
        if (llabs(seeker->busy[i] - seek->starts_ms) < SEEK_CLASH_MS ||
            strcmp(seeker->busy_ids[i], seek->event->id) == 0)
            return true;
    return false;
}

static bool seek_admits(void *arg, uint32_t tag)
{
    const struct seek *seek = arg;
    const struct seeker *seeker = &seek->seekers[tag];
    const Queue__TicketRow *row = seeker->row;
    return !seeker->barred && strcmp(seek->event->god_id, row->user_id) != 0 &&
           seek_wants(row->wishes, seek->event, seek->now_ms) &&
           !is_among(seek->event->id, row->refused_event_ids, row->n_refused_event_ids) &&
           !is_busy(seek, seeker);
}

static bool seek_clash(void *arg, uint32_t a, uint32_t b)
{
    const struct seek *seek = arg;
    for (size_t i = 0; i < seek->pair_count; i++)
        if ((seek->pairs[i].a == a && seek->pairs[i].b == b) ||
            (seek->pairs[i].a == b && seek->pairs[i].b == a))
            return true;
    return false;
}

// ---- What only others know

// The table as it is now: with those who sit there, and those to whom seats are offered.
struct table_now {
    const Events__Event *whole;
    const struct seek_wish *wish;
};

static bool keep_apart(struct seek *seek, uint32_t a, uint32_t b)
{
    if (seek->pair_count == seek->pair_room) {
        const size_t room = seek->pair_room ? 2 * seek->pair_room : 64;
        struct pair *pairs = realloc(seek->pairs, room * sizeof *pairs);
        if (!pairs) return false;
        seek->pairs = pairs;
        seek->pair_room = room;
    }
    seek->pairs[seek->pair_count++] = (struct pair){a, b};
    return true;
}

static const struct queue_seat *seat_of(const struct seek *seek, const struct queue_match *match,
                                        const char *user_id)
{
    for (uint32_t i = 0; i < match->players; i++)
        if (strcmp(seek->seekers[match->seats[i].tag].user_id, user_id) == 0) return &match->seats[i];
    return NULL;
}

// Of two who wait neither is barred, but from the other.
static bool apply_block(struct seek *seek, const struct queue_match *match,
                        const Auth__FindBlocksReply__Pair *pair)
{
    const struct queue_seat *one = seat_of(seek, match, pair->user_id);
    const struct queue_seat *other = seat_of(seek, match, pair->blocked_id);
    if (one && other) return keep_apart(seek, one->tag, other->tag);
    if (one) seek->seekers[one->tag].barred = true;
    if (other) seek->seekers[other->tag].barred = true;
    return true;
}

static size_t name_people(const struct seek *seek, const struct queue_match *match,
                          const struct table_now *now, const char *user_ids[PEOPLE_MOST])
{
    const Events__Event *whole = now->whole;
    size_t count = 0;
    user_ids[count++] = whole->god_id;
    for (uint32_t i = 0; i < match->players; i++)
        user_ids[count++] = seek->seekers[match->seats[i].tag].user_id;
    for (size_t i = 0; i < whole->n_players && count < PEOPLE_MOST; i++)
        if (*whole->players[i]->account_id) user_ids[count++] = whole->players[i]->account_id;
    for (size_t i = 0; i < now->wish->promised_count && count < PEOPLE_MOST; i++)
        user_ids[count++] = now->wish->promised_to[i];
    return count;
}

static bool ask_blocks(struct seek *seek, const struct queue_match *match, const struct table_now *now,
                       bool *again, struct err *err)
{
    const char *user_ids[PEOPLE_MOST];
    const Auth__FindBlocksReply *blocks;
    const size_t count = name_people(seek, match, now, user_ids);
    if (!outside_blocks(seek->outside, user_ids, count, seek->arena, &blocks, err)) return false;
    for (size_t i = 0; i < blocks->n_pairs; i++) {
        const Auth__FindBlocksReply__Pair *pair = blocks->pairs[i];
        if (!seat_of(seek, match, pair->user_id) && !seat_of(seek, match, pair->blocked_id)) continue;
        if (!apply_block(seek, match, pair)) return no_room(err);
        *again = true;
    }
    return true;
}

static bool ask_busy(struct seek *seek, struct seeker *seeker, struct err *err)
{
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    Google__Protobuf__Timestamp after = stamp_of(seek->now_ms - SEEK_CLASH_MS);
    struct event_list list;
    request.player_id = seeker->user_id;
    request.starts_after = &after;
    if (!outside_events_of(seek->outside, &request, PEOPLE_MOST, seek->arena, &list, err)) return false;
    int64_t *busy = arena_array(seek->arena, list.count + 1, sizeof *busy);
    const char **ids = arena_array(seek->arena, list.count + 1, sizeof *ids);
    if (!busy || !ids) return no_room(err);
    for (size_t i = 0; i < list.count; i++) {
        const Events__Event *event = list.all[i];
        if (event->state == EVENTS__EVENT__STATE__DONE || event->state == EVENTS__EVENT__STATE__CANCELLED ||
            event->state == EVENTS__EVENT__STATE__EXPIRED)
            continue;
        ids[seeker->busy_count] = event->id;
        busy[seeker->busy_count++] = starts_ms(event);
    }
    seeker->busy = busy;
    seeker->busy_ids = ids;
    seeker->busy_known = true;
    return true;
}

static bool ask_busy_all(struct seek *seek, const struct queue_match *match, bool *again, struct err *err)
{
    for (uint32_t i = 0; i < match->players; i++) {
        struct seeker *seeker = &seek->seekers[match->seats[i].tag];
        if (!seeker->busy_known && !ask_busy(seek, seeker, err)) return false;
        *again |= is_busy(seek, seeker);
    }
    return true;
}

// ---- An event

static bool anybody_wants(struct seek *seek)
{
    for (uint32_t i = 0; i < seek->count; i++)
        if (seek_admits(seek, i)) return true;
    return false;
}

// The mean of those who sit there and are somebody's.
static void rate_table(const struct seek *seek, const Events__Event *whole, struct queue_table *table)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < whole->n_players; i++) {
        if (!*whole->players[i]->account_id) continue;
        sum += seek_rating(seek->ai, whole->players[i]->account_id, seek->now_ms).mu;
        count++;
    }
    table->rated = count > 0;
    table->mu = count ? sum / (double)count : 0;
}

static bool has_room(const Events__Event *event, uint32_t promised)
{
    return event->state == EVENTS__EVENT__STATE__OPEN && event->payable && !event->locking &&
           !event->waitlisted && event->max_players > event->seats_taken + (int32_t)promised;
}

static struct queue_table table_of(struct seek *seek, const Events__Event *event, uint32_t promised)
{
    const uint32_t least = event->min_players > 0 ? (uint32_t)event->min_players : 1;
    const uint32_t taken = (uint32_t)event->seats_taken + promised;
    return (struct queue_table){.needed = offer_needed(taken, least, 0),
                                .free = (uint32_t)event->max_players - taken,
                                .taken = taken,
                                .least = least,
                                .most = (uint32_t)event->max_players,
                                .admits = seek_admits,
                                .clash = seek_clash,
                                .arg = seek};
}

static void look_at(struct seek *seek, const Events__Event *event)
{
    seek->event = event;
    seek->starts_ms = starts_ms(event);
    for (size_t i = 0; i < seek->count; i++) seek->seekers[i].barred = false;
}

static uint32_t wanted_size(const struct seek *seek, const struct queue_match *match)
{
    uint32_t size_min = 0;
    for (uint32_t i = 0; i < match->players; i++) {
        const uint32_t wanted = seek->seekers[match->seats[i].tag].row->wishes->size_min;
        if (wanted > size_min) size_min = wanted;
    }
    return size_min;
}

// Each round but the last finds somebody who may not sit here, or two who may not together.
static bool seek_propose(struct seek *seek, const struct queue_table *table, const struct table_now *now,
                         struct queue_match *match, bool *found, struct err *err)
{
    while (seek->rounds++ < ROUNDS_A_TICK) {
        bool again = false;
        *found = queue_propose(seek->queue, table, (uint64_t)seek->now_ms, match);
        if (!*found) return true;
        if (!ask_busy_all(seek, match, &again, err) || !ask_blocks(seek, match, now, &again, err))
            return false;
        if (!again) return true;
    }
    *found = false;
    return true;
}

bool seek_for(struct seek *seek, const struct seek_wish *wish, struct queue_match *match, uint32_t *needed,
              bool *found, struct err *err)
{
    struct table_now now = {.wish = wish};
    *found = false;
    look_at(seek, wish->event);
    if (!has_room(wish->event, wish->promised) || !anybody_wants(seek)) return true;
    if (!outside_event(seek->outside, wish->event->id, seek->arena, &now.whole, err))
        return err_is(err, NOT_FOUND);
    if (!has_room(now.whole, wish->promised)) return true;
    struct queue_table table = table_of(seek, now.whole, wish->promised);
    rate_table(seek, now.whole, &table);
    if (!seek_propose(seek, &table, &now, match, found, err)) return false;
    if (*found) *needed = offer_needed(table.taken, table.least, wanted_size(seek, match));
    return true;
}

void seek_take(struct seek *seek, const struct queue_match *match) { queue_take(seek->queue, match); }
