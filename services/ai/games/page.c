#include "services/ai/games/page.h"

#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/names/names.h"
#include "services/ai/games/digest.h"
#include "services/ai/games/fate.h"
#include "services/ai/games/part.h"
#include "services/ai/standings/rate.h"

void page_begin(struct page *page)
{
    page->count = 0;
    page->first = page->standings->seq + 1;
}

static bool no_room(struct err *err) { return err_fail(err, INTERNAL_ERROR, "no memory for a game"); }

static bool page_add(struct page *page, Standings__Entry *entry, struct err *err)
{
    entry->time_ms = page->now_ms;
    size_t len = standings__entry__get_packed_size(entry);
    uint8_t *bytes = arena_alloc(page->arena, len);
    if (!bytes || page->count == PAGE_ENTRIES_ROOM) return no_room(err);
    page->entries[page->count++] = (ProtobufCBinaryData){standings__entry__pack(entry, bytes), bytes};
    return standings_apply(page->standings, page->standings->seq + 1, entry, err);
}

// ---- Players

// Their number; they get one, unless the account is gone. 0: nothing is kept of them.
static bool number_of(struct page *page, const char *user_id, uint32_t *number, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__PlayerMet met = STANDINGS__PLAYER_MET__INIT;
    uint8_t id[STANDINGS_ID];
    *number = standings_player(page->standings, user_id);
    if (*number || names_is_deleted(page->names, user_id)) return true;
    uuid_bytes(user_id, id);
    met.user_id = (ProtobufCBinaryData){sizeof id, id};
    entry.body_case = STANDINGS__ENTRY__BODY_PLAYER_MET;
    entry.player_met = &met;
    *number = (uint32_t)page->standings->player_count + 1;
    return page_add(page, &entry, err);
}

bool page_let_go(struct page *page, uint32_t player, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__PlayerGone gone = STANDINGS__PLAYER_GONE__INIT;
    gone.player = player;
    entry.body_case = STANDINGS__ENTRY__BODY_PLAYER_GONE;
    entry.player_gone = &gone;
    return page_add(page, &entry, err);
}

// ---- Games

// The classes of marks are made anew behind every so many games.
static bool add_model(struct page *page, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    const struct standings *standings = page->standings;
    if (!page->rewards || standings->game_count % CLASSES_EVERY) return true;
    entry.model_fitted = classes_fit(&standings->classes, page->arena);
    if (!entry.model_fitted) return !page->arena->failed || no_room(err);
    entry.body_case = STANDINGS__ENTRY__BODY_MODEL_FITTED;
    return page_add(page, &entry, err);
}

static bool rate_all(struct page *page, const Game__FinishedGame *game, Standings__Game *digest)
{
    return rate_game(page->standings, digest, page->arena) &&
           (!page->fates || fate_note(game, digest, page->arena)) &&
           (!page->rewards ||
            (part_count(game, digest, page->arena) && rate_parts(page->standings, digest, page->arena)));
}

static bool add_game(struct page *page, const Game__FinishedGame *game, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__Game *digest = digest_make(game, page->arena);
    if (!digest) return no_room(err);
    for (size_t i = 0; i < game->n_players; i++)
        if (!game->players[i]->guest &&
            !number_of(page, game->players[i]->user_id, &digest->players[i]->player, err))
            return false;
    if (!rate_all(page, game, digest)) return no_room(err);
    entry.body_case = STANDINGS__ENTRY__BODY_GAME;
    entry.game = digest;
    return page_add(page, &entry, err) && add_model(page, err);
}

// As it was stored, or as it is about to be.
static const Standings__Game *find_game(struct page *page, uint64_t seq, struct err *err)
{
    struct store_entries stored;
    ProtobufCBinaryData bytes = {0, NULL};
    if (seq >= page->first)
        bytes = page->entries[seq - page->first];
    else if (!store_read(page->store, STANDINGS_STREAM, seq, 1, page->arena, &stored, err))
        return NULL;
    else if (stored.count && stored.first_seq == seq)
        bytes = stored.entries[0];
    const Standings__Entry *entry = standings__entry__unpack(&page->arena->allocator, bytes.len, bytes.data);
    if (entry && entry->body_case == STANDINGS__ENTRY__BODY_GAME) return entry->game;
    err_fail(err, STORE_CORRUPT, "entry %llu of " STANDINGS_STREAM " is no game", (unsigned long long)seq);
    return NULL;
}

static uint32_t side_of_seat(const Standings__Game *game, const uint8_t seat[STANDINGS_ID])
{
    for (size_t i = 0; i < game->n_players; i++)
        if (game->players[i]->seat.len == STANDINGS_ID &&
            memcmp(game->players[i]->seat.data, seat, STANDINGS_ID) == 0)
            return game->players[i]->side;
    return 0;
}

static bool claim_guest(struct page *page, const Game__FinishedGame *told, uint8_t seat[STANDINGS_ID],
                        const char *user_id, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__GuestClaimed claimed = STANDINGS__GUEST_CLAIMED__INIT;
    uint8_t event[STANDINGS_ID];
    const struct standings_guest *guest =
        &page->standings->guests[standings_guest(page->standings, seat) - 1];
    uuid_bytes(told->event_id, event);
    claimed.game = guest->game;
    const Standings__Game *game = find_game(page, claimed.game, err);
    if (!game || !number_of(page, user_id, &claimed.player, err)) return false;
    claimed.event_id = (ProtobufCBinaryData){sizeof event, event};
    claimed.seat = (ProtobufCBinaryData){STANDINGS_ID, seat};
    claimed.side = side_of_seat(game, seat);
    if (!claimed.side) return err_fail(err, STORE_CORRUPT, "a guest of " STANDINGS_STREAM " was on no side");
    if (!rate_claim(page->standings, game, &claimed, page->arena)) return no_room(err);
    entry.body_case = STANDINGS__ENTRY__BODY_GUEST_CLAIMED;
    entry.guest_claimed = &claimed;
    return page_add(page, &entry, err);
}

// Told again: guests who have an account since.
static bool claim_guests(struct page *page, const Game__FinishedGame *game, struct err *err)
{
    for (size_t i = 0; i < game->n_players; i++) {
        uint8_t seat[STANDINGS_ID];
        const Game__FinishedGame__Player *player = game->players[i];
        uuid_bytes(digest_seat(player), seat);
        if (!player->guest && standings_guest(page->standings, seat) &&
            !claim_guest(page, game, seat, player->user_id, err))
            return false;
    }
    return true;
}

bool page_take(struct page *page, const Game__FinishedGame *game, struct err *err)
{
    uint8_t event[STANDINGS_ID];
    if (!digest_check(game)) {
        log_warn("ai.games", F_STR("event", game->event_id), F_STR("odd", "a game that is none"));
        return true;
    }
    uuid_bytes(game->event_id, event);
    return standings_known(page->standings, event) ? claim_guests(page, game, err)
                                                   : add_game(page, game, err);
}

// ---- Games to be

static bool fill_table(const struct page *page, const Game__LockedTable *table, Standings__Foretold *told)
{
    Standings__Foretold__Card *cards = arena_array(page->arena, table->n_roles + 1, sizeof *cards);
    told->cards = arena_array(page->arena, table->n_roles + 1, sizeof *told->cards);
    told->players = arena_array(page->arena, table->n_user_ids + 1, sizeof *told->players);
    if (!cards || !told->cards || !told->players) return false;
    for (; told->n_cards < table->n_roles; told->n_cards++) {
        const Game__RoleFacts *role = table->roles[told->n_cards];
        Standings__Foretold__Card *card = told->cards[told->n_cards] = &cards[told->n_cards];
        standings__foretold__card__init(card);
        card->role_id = digest_id(role->role_id, page->arena);
        card->side_id = digest_id(role->side_id, page->arena);
        card->copies = role->copies > 0 ? (uint32_t)role->copies : 0;
    }
    for (; told->n_players < table->n_user_ids; told->n_players++)
        told->players[told->n_players] = standings_player(page->standings, table->user_ids[told->n_players]);
    if (*table->deck_id) told->deck_id = digest_id(table->deck_id, page->arena);
    return !page->arena->failed;
}

static bool is_table(const Game__LockedTable *table)
{
    bool whole = uuid_check(table->event_id) && (!*table->deck_id || uuid_check(table->deck_id));
    for (size_t i = 0; whole && i < table->n_roles; i++)
        whole = uuid_check(table->roles[i]->role_id) && uuid_check(table->roles[i]->side_id);
    return whole;
}

bool page_foretell(struct page *page, const Game__LockedTable *table, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__Foretold told = STANDINGS__FORETOLD__INIT;
    if (!is_table(table)) {
        log_warn("ai.locks", F_STR("event", table->event_id), F_STR("odd", "a table that is none"));
        return true;
    }
    told.event_id = digest_id(table->event_id, page->arena);
    if (page->arena->failed) return no_room(err);
    if (standings_known(page->standings, told.event_id.data)) return true;
    if (!table->let_go && !(fill_table(page, table, &told) &&
                            rate_table(page->standings, &told, page->now_ms / STANDINGS_DAY_MS, page->arena)))
        return no_room(err);
    entry.body_case = STANDINGS__ENTRY__BODY_FORETOLD;
    entry.foretold = &told;
    return page_add(page, &entry, err);
}

// ---- Storing

static bool add_place(struct page *page, uint64_t generation, uint64_t seq, bool locks, struct err *err)
{
    Standings__Entry entry = STANDINGS__ENTRY__INIT;
    Standings__Reached reached = STANDINGS__REACHED__INIT;
    reached.generation = generation;
    reached.seq = seq;
    *(locks ? &entry.locks : &entry.reached) = &reached;
    return page_add(page, &entry, err);
}

bool page_reach(struct page *page, uint64_t generation, uint64_t seq, struct err *err)
{
    return add_place(page, generation, seq, false, err);
}

bool page_reach_locks(struct page *page, uint64_t generation, uint64_t seq, struct err *err)
{
    return add_place(page, generation, seq, true, err);
}

bool page_store(struct page *page, struct err *err)
{
    const struct store_write write = {.done = NULL};
    return !page->count || store_wait(page->store,
                                      store_append(page->store, STANDINGS_STREAM, page->first, page->entries,
                                                   page->count, &write),
                                      err);
}
