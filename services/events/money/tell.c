#include "services/events/money/parts.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "services/events/game/status.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { PAGE = 200, PAGE_ARENA = 32 << 20 };

// What one run takes from the event while it is locked.
struct telling {
    struct events *events;
    const char *event_id;
    struct arena *arena;
    struct stream_name stream; // the event's, which is the source of all
    uint64_t from, until;      // the first entry that may say something; the newest durable one
    bool concerned;            // chain may have to be told something of it
    uint64_t money_from;       // likewise, of seats that cost something; 0: none does
    const Money__Terms *terms;
    const char *god_id; // now: who led before and leads no more is nobody's business
    Money__GameDone done;
    uint64_t told, ticket; // how many; of the newest write
};

// ---- What the fold knows

static const Money__Terms *terms_of(const struct seat_terms *terms, struct arena *arena)
{
    Money__Terms *told = arena_new(arena, Money__Terms);
    if (!told) return NULL;
    money__terms__init(told);
    told->hold_s = (uint32_t)terms->hold_s;
    told->refund_until_ms = terms->refund_until_ms;
    told->refund_fee = terms->refund_fee;
    told->payout_after_s = (uint32_t)terms->payout_after_s;
    told->tax_case = terms->by_bp ? MONEY__TERMS__TAX_TAX_BP : MONEY__TERMS__TAX_PRESET;
    told->preset = terms->tax; // both are numbers, at one place
    told->god_bp = terms->god_bp;
    return told;
}

static bool has_won(const struct game *game, const struct person *person)
{
    if (person_has(person, EVENTS__STATUS__VALUE__KICKED) ||
        person_has(person, EVENTS__STATUS__VALUE__EXITED))
        return false;
    for (size_t i = 0; i < game->winners_count; i++)
        if (strcmp(game->winners[i].text, game_side_id(game, person->side)) == 0) return true;
    return false;
}

static void fill_done(struct telling *telling, const struct game *game)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    Money__GameDone *done = &telling->done;
    money__game_done__init(done);
    done->god_id = telling->god_id;
    done->winner_ids = arena_array(telling->arena, count + 1, sizeof *done->winner_ids);
    for (size_t i = 0; done->winner_ids && i < count; i++) {
        const struct person *person = &game->people[roster[i]];
        if (has_won(game, person))
            done->winner_ids[done->n_winner_ids++] = arena_str(telling->arena, person->user_id.text);
    }
}

// Before the first hold no seat is of chain's concern, unless the event itself is on the cluster.
static uint64_t money_begins(const struct game *game)
{
    if (!game_is_priced(game)) return 0;
    if (game_is_on_cluster(game)) return 1;
    return game->holds_count ? game->holds[0].seq : 0;
}

static void skip_untold(struct telling *telling, const struct game *game)
{
    const uint64_t money = telling->money_from = money_begins(game), beacons = game->beacon_from;
    uint64_t first = !money || (beacons && beacons < money) ? beacons : money;
    if (!first)
        telling->from = telling->until + 1;
    else if (telling->from < first)
        telling->from = first;
}

// Terms are frozen by the first hold, and a finished game stays as it is.
static bool money_look(struct telling *telling, struct err *err)
{
    struct aggregate *aggregate;
    if (!aggregate_enter(telling->events, telling->event_id, &aggregate, err)) return false;
    const struct game *game = &aggregate->game;
    telling->concerned = game_is_priced(game) || game->beacon_from;
    telling->until = atomic_load(&aggregate->durable_seq);
    skip_untold(telling, game);
    telling->terms = terms_of(&game->terms.payment, telling->arena);
    telling->god_id = arena_str(telling->arena, game->god_id.text);
    fill_done(telling, game);
    aggregate_leave(aggregate);
    return !telling->arena->failed || err_fail(err, INTERNAL_ERROR, "no memory for payments");
}

// ---- What an entry says

static Money__SeatHeld *seat_held(const struct telling *telling, const Game__SeatHeld *entry)
{
    Money__SeatHeld *held = arena_new(telling->arena, Money__SeatHeld);
    if (!held) return NULL;
    money__seat_held__init(held);
    held->hold_id = entry->hold_id;
    held->user_id = entry->user_id;
    held->price = (int64_t)entry->price->amount;
    held->currency = (Money__Currency__Value)entry->price->currency; // numbered alike
    held->terms = (Money__Terms *)telling->terms;
    held->promotions = (uint32_t)entry->promotions;
    held->attempt = (uint32_t)entry->attempt;
    return held;
}

static Money__SeatGiven *seat_given(const struct telling *telling, const Game__Reserved *entry)
{
    Money__SeatGiven *given = arena_new(telling->arena, Money__SeatGiven);
    if (!given) return NULL;
    money__seat_given__init(given);
    given->hold_id = entry->payment_id;
    given->user_id = entry->user_id;
    return given;
}

static Money__SeatEnding *seat_ending(const struct telling *telling, const Game__HoldEnding *entry)
{
    Money__SeatEnding *ending = arena_new(telling->arena, Money__SeatEnding);
    if (!ending) return NULL;
    money__seat_ending__init(ending);
    ending->hold_id = entry->hold_id;
    ending->by = entry->by;
    return ending;
}

// Of terms that the event was opened with, or got; NULL: they say nothing of the cluster.
static Money__GamePriced *game_priced(const struct telling *telling, const Game__Terms *terms)
{
    const Events__Price *price = terms ? terms->price : NULL;
    struct seat_terms payment;
    if (!price || price->currency != EVENTS__PRICE__CURRENCY__LAMPORTS || !terms->payment ||
        !seat_terms_read(&payment, terms->payment))
        return NULL;
    Money__GamePriced *priced = arena_new(telling->arena, Money__GamePriced);
    if (!priced) return NULL;
    money__game_priced__init(priced);
    priced->price = (int64_t)price->amount;
    priced->currency = MONEY__CURRENCY__VALUE__LAMPORTS;
    priced->terms = (Money__Terms *)terms_of(&payment, telling->arena);
    priced->starts_at_ms = terms->starts_ms;
    return priced;
}

static void say_priced(const struct telling *telling, const Game__Terms *terms, Money__FromEvents *said)
{
    Money__GamePriced *priced = game_priced(telling, terms);
    if (!priced) return;
    said->body_case = MONEY__FROM_EVENTS__BODY_GAME_PRICED;
    said->game_priced = priced;
}

static void *a_bare(const struct telling *telling, const ProtobufCMessageDescriptor *type)
{
    void *message = arena_alloc(telling->arena, type->sizeof_message);
    if (message) protobuf_c_message_init(type, message);
    return message;
}

static Money__BeaconWanted *beacon_wanted(const struct telling *telling, int32_t k, uint64_t slot)
{
    Money__BeaconWanted *wanted = arena_new(telling->arena, Money__BeaconWanted);
    if (!wanted) return NULL;
    money__beacon_wanted__init(wanted);
    wanted->k = (uint32_t)k;
    wanted->slot = slot;
    return wanted;
}

// Which slot an event has, chain learns from it: it may have named another before a restore.
static void say_beacon(const struct telling *telling, const Game__Entry *entry, Money__FromEvents *said)
{
    if (entry->body_case == GAME__ENTRY__BODY_BEACON_WANTED)
        said->beacon_wanted = beacon_wanted(telling, entry->beacon_wanted->k, 0);
    else if (entry->body_case == GAME__ENTRY__BODY_BEACON_NAMED)
        said->beacon_wanted = beacon_wanted(telling, entry->beacon_named->k, entry->beacon_named->slot);
    else
        return;
    said->body_case = MONEY__FROM_EVENTS__BODY_BEACON_WANTED;
}

// The case is NOT_SET of an entry that says nothing of money.
static void say_money(struct telling *telling, const Game__Entry *entry, Money__FromEvents *said)
{
#define SAY(CASE, MEMBER, MESSAGE) said->body_case = MONEY__FROM_EVENTS__BODY_##CASE, said->MEMBER = MESSAGE
    switch ((int)entry->body_case) {
    case GAME__ENTRY__BODY_OPENED:
        say_priced(telling, entry->opened->terms, said);
        return;
    case GAME__ENTRY__BODY_EDITED:
        say_priced(telling, entry->edited->terms, said);
        return;
    case GAME__ENTRY__BODY_SEAT_HELD:
        SAY(SEAT_HELD, seat_held, seat_held(telling, entry->seat_held));
        return;
    case GAME__ENTRY__BODY_RESERVED:
        if (entry->reserved->payment_id[0]) SAY(SEAT_GIVEN, seat_given, seat_given(telling, entry->reserved));
        return;
    case GAME__ENTRY__BODY_HOLD_ENDING:
        SAY(SEAT_ENDING, seat_ending, seat_ending(telling, entry->hold_ending));
        return;
    case GAME__ENTRY__BODY_HANDED_OVER:
        SAY(GAME_LED, game_led, a_bare(telling, &money__game_led__descriptor));
        return;
    case GAME__ENTRY__BODY_LOCKED:
        SAY(GAME_LOCKED, game_locked, a_bare(telling, &money__game_locked__descriptor));
        return;
    case GAME__ENTRY__BODY_REOPENED:
        SAY(GAME_UNLOCKED, game_unlocked, a_bare(telling, &money__game_unlocked__descriptor));
        return;
    case GAME__ENTRY__BODY_CANCELLED:
    case GAME__ENTRY__BODY_EXPIRED:
        SAY(GAME_CALLED_OFF, game_called_off, a_bare(telling, &money__game_called_off__descriptor));
        return;
    case GAME__ENTRY__BODY_END_TAKEN_BACK:
        SAY(GAME_UNDONE, game_undone, a_bare(telling, &money__game_undone__descriptor));
        return;
    case GAME__ENTRY__BODY_FINISHED:
        SAY(GAME_DONE, game_done, &telling->done);
        return;
    default:
        return;
    }
#undef SAY
}

static void say_entry(struct telling *telling, const Game__Entry *entry, uint64_t seq,
                      Money__FromEvents *said)
{
    if (telling->money_from && seq >= telling->money_from) say_money(telling, entry, said);
    if (!said->body_case) say_beacon(telling, entry, said);
}

// ---- Telling

uint64_t money_append(struct events *events, const Money__FromEvents *said, struct arena *arena,
                      const struct store_write *write)
{
    ProtobufCBinaryData packed = {money__from_events__get_packed_size(said), NULL};
    packed.data = arena_alloc(arena, packed.len);
    if (!packed.data) return 0;
    money__from_events__pack(said, packed.data);
    return store_append_next(events->store, MONEY_STREAM, &packed, 1, write);
}

static bool money_tell(struct telling *telling, const ProtobufCBinaryData *bytes, uint64_t seq,
                       struct err *err)
{
    struct arena *arena = telling->arena;
    const Game__Link *link = game__link__unpack(&arena->allocator, bytes->len, bytes->data);
    const Game__Entry *entry =
        link ? game__entry__unpack(&arena->allocator, link->entry.len, link->entry.data) : NULL;
    if (!entry) return err_fail(err, INTERNAL_ERROR, "no memory for payments");
    Money__FromEvents said = MONEY__FROM_EVENTS__INIT;
    say_entry(telling, entry, seq, &said);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "no memory for payments");
    if (!said.body_case) return true;
    const struct store_write write = {.after = telling->ticket, .source = {telling->stream.text, seq, 0}};
    said.time_ms = entry->time_ms;
    said.event_id = telling->event_id;
    said.god_id = telling->god_id;
    telling->ticket = money_append(telling->events, &said, arena, &write);
    telling->told++;
    return telling->ticket || err_fail(err, INTERNAL_ERROR, "no memory for payments");
}

static bool money_tell_all(struct telling *telling, struct err *err)
{
    struct store_entries page = {.more = true};
    for (uint64_t seq = telling->from; seq <= telling->until; seq += page.count) {
        if (!store_read(telling->events->store, telling->stream.text, seq, PAGE, telling->arena, &page, err))
            return false;
        if (!page.count) return true;
        for (size_t i = 0; i < page.count && page.first_seq + i <= telling->until; i++)
            if (!money_tell(telling, &page.entries[i], page.first_seq + i, err)) return false;
    }
    return true;
}

bool money_publish(struct events *events, struct err *err)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = MONEY_STREAM;
    if (!events->publisher) return true;
    if (!store_head(events->store, MONEY_STREAM, &notice.seq, err)) return false;
    bus_publish(events->publisher, &notice);
    return true;
}

// The cursor rests on all that was told.
static bool money_note(struct telling *telling, Game__NoticeRow *row, uint64_t version, struct err *err)
{
    struct events *events = telling->events;
    row->money = telling->until;
    const struct store_write write = {.after = telling->ticket};
    return store_wait(events->store,
                      store_put(events->store, &events_tables[EVENTS_NOTICES], &row->base, version, &write),
                      err) &&
           (!telling->told || money_publish(events, err));
}

static bool run_telling(struct telling *telling, struct err *err)
{
    Game__NoticeRow *row;
    uint64_t version;
    if (!store_get(telling->events->store, &events_tables[EVENTS_NOTICES], telling->event_id, telling->arena,
                   (ProtobufCMessage **)&row, &version, err))
        return false;
    if (!row) return true;
    telling->from = row->money + 1;
    if (!money_look(telling, err)) return false;
    if (!telling->concerned || row->money >= telling->until) return true;
    return money_tell_all(telling, err) && money_note(telling, row, version, err);
}

bool money_run(struct events *events, const char *event_id, struct arena *arena, struct err *err)
{
    struct telling telling = {
        .events = events, .event_id = event_id, .arena = arena, .stream = events_stream(event_id)};
    return run_telling(&telling, err);
}

// ---- Deleted events

// No entry has this number.
#define END_OF_EVENT UINT64_C(0x7FFFFFFFFFFFFFFF)

uint64_t money_tell_deleted(struct events *events, const char *event_id, uint64_t after)
{
    struct arena arena;
    const struct stream_name stream = events_stream(event_id);
    Money__GameDeleted deleted = MONEY__GAME_DELETED__INIT;
    Money__FromEvents said = MONEY__FROM_EVENTS__INIT;
    said.time_ms = clock_unix_ms();
    said.event_id = event_id;
    said.body_case = MONEY__FROM_EVENTS__BODY_GAME_DELETED;
    said.game_deleted = &deleted;
    arena_init(&arena, 1 << 16);
    const struct store_write write = {.after = after, .source = {stream.text, END_OF_EVENT, 0}};
    uint64_t ticket = money_append(events, &said, &arena, &write);
    arena_finish(&arena);
    return ticket;
}

bool money_mourn(struct events *events, const char *event_id, struct arena *arena, struct err *err)
{
    Game__EventRow *row;
    uint64_t version;
    if (!store_get(events->store, &events_tables[EVENTS_EVENTS], event_id, arena, (ProtobufCMessage **)&row,
                   &version, err))
        return err_is(err, STORE_CORRUPT);
    if (row && row->summary && row->summary->payment_terms &&
        !store_wait(events->store, money_tell_deleted(events, event_id, 0), err))
        return false;
    return money_publish(events, err);
}
