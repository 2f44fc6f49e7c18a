// A game to a message and back, field by field. What is restored is bounded as the fold would bound it.
#include "services/events/live/snapshot/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "lib/replica/replica.h"
#include "services/events/game/fold/fold.h"
#include "services/events/game/times.h"
#include "services/events/live/snapshot/snapshot_acts.h"
#include "services/events/live/snapshot/snapshot_beacons.h"
#include "services/events/live/snapshot/snapshot_holds.h"
#include "services/events/live/snapshot/snapshot_log.h"
#include "services/events/live/snapshot/snapshot_parts.h"
#include "services/events/live/snapshot/snapshot_people.h"
#include "services/events/live/snapshot/snapshot_polls.h"
#include "services/events/live/snapshot/snapshot_rooms.h"
#include "services/events/live/snapshot/snapshot_table.h"

// One of format 3 says nothing of rooms, one of format 4 nothing of payments, one of format 5 nothing of the
// cluster, one of format 6 nothing of its blocks, and one of format 8 nothing of who waits with a payment:
// all are read as well. One of format 7 does not say when an event on the cluster was to begin first; of such
// an event it is not read.
enum { FORMAT = 9 };
enum { BEFORE_ROOMS = 3 };

static ProtobufCBinaryData *snapshot_siblings(const struct opened_secret *secret, size_t *count,
                                              struct arena *arena)
{
    ProtobufCBinaryData *list = secret->siblings ? arena_array(arena, DEAL_PROOF, sizeof *list) : NULL;
    *count = list ? DEAL_PROOF : 0;
    for (size_t i = 0; i < *count; i++) list[i] = snapshot_bytes(secret->siblings[i], DEAL_HASH);
    return list;
}

static bool restore_burned(struct game *game, const Game__Snapshot__Burned *saved)
{
    struct burned *burned = array_add(&game->burned, &game->burned_count, sizeof *burned);
    if (!burned || saved->k != (int32_t)game->burned_count || saved->k > game_deals(game)) return false;
    burned->k = saved->k;
    return fold_text(&burned->reason, saved->reason) &&
           fold_secret(&burned->secret, saved->k, &saved->secret, saved->siblings, saved->n_siblings);
}

static bool restore_ban(struct game *game, const Game__Snapshot__Ban *saved)
{
    if (game_ban(game, saved->user_id) || game->bans_count == GAME_MAX_BANS) return false;
    struct ban *ban = array_add(&game->bans, &game->bans_count, sizeof *ban);
    if (!ban) return false;
    ban->time_ms = saved->time_ms;
    return fold_text(&ban->reason, saved->reason) && fold_id(&ban->user_id, saved->user_id) &&
           fold_short(ban->username, sizeof ban->username, saved->username);
}

static bool restore_vote(struct game *game, const Game__Snapshot__Voter *saved)
{
    bool fits = uuid_check(saved->user_id) && !idmap_find(&game->votes, saved->user_id) && saved->vote > 0 &&
                saved->vote <= EVENTS__VOTE__VALUE__NONE;
    uint32_t *vote = fits ? idmap_add(&game->votes, saved->user_id) : NULL;
    if (!vote) return false;
    *vote = vote_kept((Events__Vote__Value)saved->vote, (uint32_t)saved->changes);
    game->upvotes += saved->vote == EVENTS__VOTE__VALUE__UP;
    game->downvotes += saved->vote == EVENTS__VOTE__VALUE__DOWN;
    return true;
}

static Game__RoleFacts *role_message(const struct role_facts *role, Game__RoleFacts *into)
{
    into->role_id = role->id.text;
    into->side_id = role->side_id.text;
    into->abilities = role->abilities;
    into->copies = role->copies;
    into->meets = role->meets;
    return into;
}

static Game__Terms *terms_message(const struct terms *terms, struct arena *arena)
{
    Game__Terms saved = GAME__TERMS__INIT;
    saved.title = terms->title;
    saved.content = terms->content;
    saved.local = terms->local;
    saved.zone = terms->zone;
    saved.starts_ms = terms->starts_ms;
    saved.expires_ms = terms->expires_ms;
    saved.min_players = terms->min_players;
    saved.max_players = terms->max_players;
    saved.waitlist = terms->waitlist;
    saved.secret_ballot = terms->secret_ballot;
    saved.spectator_delay_ms = terms->spectator_delay_ms;
    saved.reveal_on_death = terms->reveal_on_death;
    saved.without_chat = !terms->chat;
    saved.table_at_night = terms->table_at_night;
    saved.side_by_day = terms->side_by_day;
    saved.history = terms->history;
    saved.beacon = terms->beacon;
    if (terms->price.currency) {
        saved.price = price_message(&terms->price, arena);
        saved.payment = seat_terms_message(&terms->payment, arena);
    }
    return arena_copy(arena, &saved, sizeof saved);
}

// How the event was opened, but with the terms as they are now.
static Game__Opened *opened_message(const struct game *game, struct arena *arena)
{
    Game__Opened saved = GAME__OPENED__INIT;
    saved.event_id = game->id.text;
    saved.group_id = game->group_id.text;
    saved.god_id = game->opener_id.text;
    saved.deck_id = game->deck_id.text;
    saved.deck_name = game->deck_name;
    saved.deck_version = game->deck_version;
    saved.deck_hash = snapshot_bytes(game->deck_hash, DEAL_HASH);
    saved.rules_version = game->rules_version;
    saved.terms = terms_message(&game->terms, arena);
    saved.roles = snapshot_messages(arena, &game__role_facts__descriptor, game->deck_roles, &saved.n_roles);
    for (size_t i = 0; i < saved.n_roles; i++) role_message(&game->roles[i], saved.roles[i]);
    saved.last_moves =
        snapshot_messages(arena, &events__deck_last_move__descriptor, game->moves_count, &saved.n_last_moves);
    for (size_t i = 0; i < saved.n_last_moves; i++) {
        saved.last_moves[i]->last_move_id = game->moves[i].id.text;
        saved.last_moves[i]->copies = game->moves[i].copies;
    }
    saved.commitments = arena_array(arena, DEAL_SECRETS, sizeof *saved.commitments);
    for (size_t i = 0; saved.commitments && i < DEAL_SECRETS; i++, saved.n_commitments++)
        saved.commitments[i] = snapshot_bytes(game->commitments.first[i], DEAL_HASH);
    if (game->further) saved.further_root = snapshot_bytes(game->commitments.further_root, DEAL_HASH);
    return arena_copy(arena, &saved, sizeof saved);
}

static void save_lists(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    size_t later = game->roles_count - game->deck_roles;
    saved->roles = snapshot_messages(arena, &game__role_facts__descriptor, later, &saved->n_roles);
    for (size_t i = 0; i < saved->n_roles; i++)
        role_message(&game->roles[game->deck_roles + i], saved->roles[i]);
    saved->sides = arena_array(arena, game->sides_count + 1, sizeof *saved->sides);
    for (size_t i = 0; saved->sides && i < game->sides_count; i++)
        saved->sides[saved->n_sides++] = game->sides[i].text;
    saved->winners = arena_array(arena, game->winners_count + 1, sizeof *saved->winners);
    for (size_t i = 0; saved->winners && i < game->winners_count; i++)
        saved->winners[saved->n_winners++] = game->winners[i].text;
    saved->waiting = arena_array(arena, game->waiting_count + 1, sizeof *saved->waiting);
    for (size_t i = 0; saved->waiting && i < game->waiting_count; i++)
        saved->waiting[saved->n_waiting++] = game->waiting[i];
    saved->moves_left = arena_array(arena, game->moves_count + 1, sizeof *saved->moves_left);
    for (size_t i = 0; saved->moves_left && i < game->moves_count; i++)
        saved->moves_left[saved->n_moves_left++] = game->moves[i].left;
    saved->people =
        snapshot_messages(arena, &game__snapshot__person__descriptor, game->people_count, &saved->n_people);
    for (size_t i = 0; i < saved->n_people; i++)
        snapshot_save_person(saved->people[i], game, &game->people[i], arena);
    saved->phases =
        snapshot_messages(arena, &game__snapshot__phase__descriptor, game->phases_count, &saved->n_phases);
    for (size_t i = 0; i < saved->n_phases; i++)
        snapshot_save_phase(saved->phases[i], &game->phases[i], arena);
    saved->polls =
        snapshot_messages(arena, &game__snapshot__poll__descriptor, game->polls_count, &saved->n_polls);
    for (size_t i = 0; i < saved->n_polls; i++) snapshot_save_poll(saved->polls[i], &game->polls[i], arena);
}

static void save_burned(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->burned =
        snapshot_messages(arena, &game__snapshot__burned__descriptor, game->burned_count, &saved->n_burned);
    for (size_t i = 0; i < saved->n_burned; i++) {
        saved->burned[i]->k = game->burned[i].k;
        saved->burned[i]->secret = snapshot_bytes(game->burned[i].secret.bytes, DEAL_HASH);
        saved->burned[i]->siblings =
            snapshot_siblings(&game->burned[i].secret, &saved->burned[i]->n_siblings, arena);
        saved->burned[i]->reason = game->burned[i].reason;
    }
}

static void save_bans(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->bans =
        snapshot_messages(arena, &game__snapshot__ban__descriptor, game->bans_count, &saved->n_bans);
    for (size_t i = 0; i < saved->n_bans; i++) {
        saved->bans[i]->user_id = game->bans[i].user_id.text;
        saved->bans[i]->username = game->bans[i].username;
        saved->bans[i]->reason = game->bans[i].reason;
        saved->bans[i]->time_ms = game->bans[i].time_ms;
    }
}

static void save_claims(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->claim_changes = game->claim_changes;
    saved->classes = game->classes.newest;
    saved->seen = arena_array(arena, game->seen_count + 1, sizeof *saved->seen);
    for (size_t i = 0; saved->seen && i < game->seen_count; i++)
        saved->seen[saved->n_seen++] = game->seen[i].text;
}

static bool restore_claims(struct game *game, const Game__Snapshot *saved)
{
    game->claim_changes = saved->claim_changes;
    if (saved->classes > saved->seq) return false;
    classes_restore(game, saved->classes);
    for (size_t i = 0; i < saved->n_seen; i++)
        if (!fold_seen(game, saved->seen[i])) return false;
    return true;
}

static void save_votes(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    size_t at = 0;
    saved->voters =
        snapshot_messages(arena, &game__snapshot__voter__descriptor, game->votes.count, &saved->n_voters);
    for (size_t i = 0; i < game->votes.size && at < saved->n_voters; i++) {
        if (!game->votes.slots[i].id.text[0]) continue;
        saved->voters[at]->user_id = game->votes.slots[i].id.text;
        saved->voters[at]->vote = (int32_t)vote_value(game->votes.slots[i].value);
        saved->voters[at++]->changes = (int32_t)vote_changes(game->votes.slots[i].value);
    }
}

Game__Snapshot *snapshot_make(const struct game *game, struct arena *arena)
{
    Game__Snapshot saved = GAME__SNAPSHOT__INIT;
    saved.format = FORMAT;
    saved.opened = opened_message(game, arena);
    saved.seq = game->chain.seq;
    saved.head = snapshot_bytes(game->chain.head, HASH_CHAIN_HASH);
    saved.state = game->state;
    saved.god_id = game->god_id.text;
    saved.created_ms = game->created_ms;
    saved.image_sha256 = snapshot_bytes(game->image, DEAL_HASH);
    saved.image_type = game->image_type;
    saved.reminded_s = (uint32_t)game->reminded_s;
    saved.k = game->k;
    saved.dealt = game->dealt;
    saved.act = game->act;
    saved.revision = game->revision;
    saved.revised_ms = game->revised_ms;
    saved.root = snapshot_bytes(game->root, DEAL_HASH);
    if (game->opened) {
        saved.secret = snapshot_bytes(game->secret.bytes, DEAL_HASH);
        saved.secret_siblings = snapshot_siblings(&game->secret, &saved.n_secret_siblings, arena);
    }
    snapshot_save_log(&saved, &game->log);
    snapshot_save_undos(&saved, game);
    save_lists(&saved, game, arena);
    save_burned(&saved, game, arena);
    snapshot_save_acts(&saved, game, arena);
    save_bans(&saved, game, arena);
    save_claims(&saved, game, arena);
    save_votes(&saved, game, arena);
    snapshot_save_table(&saved, game, arena);
    snapshot_save_rooms(&saved, game, arena);
    snapshot_save_holds(&saved, game, arena);
    snapshot_save_beacons(&saved, game, arena);
    return arena->failed ? NULL : arena_copy(arena, &saved, sizeof saved);
}

static bool restore_opened(struct game *game, const Game__Snapshot *saved)
{
    Game__Entry entry = GAME__ENTRY__INIT;
    const uint8_t leaf[HASH_CHAIN_HASH] = {0};
    if (!saved->opened || saved->head.len != HASH_CHAIN_HASH || saved->image_sha256.len != DEAL_HASH ||
        saved->root.len != DEAL_HASH || saved->reminded_s > INT32_MAX || !saved->state ||
        !protobuf_c_enum_descriptor_get_value(&events__event__state__descriptor, saved->state))
        return false;
    entry.time_ms = saved->created_ms;
    entry.body_case = GAME__ENTRY__BODY_OPENED;
    entry.opened = saved->opened;
    if (!game_fold(game, &entry, leaf)) return false;
    log_index_finish(&game->log);
    game->chain.seq = saved->seq;
    memcpy(game->chain.head, saved->head.data, HASH_CHAIN_HASH);
    memcpy(game->image, saved->image_sha256.data, DEAL_HASH);
    memcpy(game->root, saved->root.data, DEAL_HASH);
    game->state = saved->state;
    game->revision = saved->revision;
    game->revised_ms = saved->revised_ms;
    game->reminded_s = (int32_t)saved->reminded_s;
    game->k = saved->k;
    game->dealt = saved->dealt;
    game->opened = saved->secret.len == DEAL_HASH;
    if (game->opened && !fold_secret(&game->secret, saved->k, &saved->secret, saved->secret_siblings,
                                     saved->n_secret_siblings))
        return false;
    return fold_id(&game->god_id, saved->god_id) &&
           fold_short(game->image_type, sizeof game->image_type, saved->image_type);
}

static bool restore_small(struct game *game, const Game__Snapshot *saved)
{
    for (size_t i = 0; i < saved->n_sides; i++)
        if (fold_side(game, saved->sides[i]) != (int)i + 1) return false;
    for (size_t i = 0; i < saved->n_roles; i++)
        if (!fold_role(game, saved->roles[i])) return false;
    for (size_t i = 0; i < saved->n_winners; i++) {
        struct uuid *winner = array_add(&game->winners, &game->winners_count, sizeof *winner);
        if (!winner || !fold_id(winner, saved->winners[i])) return false;
    }
    if (saved->n_moves_left != game->moves_count) return false;
    for (size_t i = 0; i < game->moves_count; i++) {
        if (!snapshot_within(saved->moves_left[i], (size_t)game->moves[i].copies + 1)) return false;
        game->moves[i].left = saved->moves_left[i];
    }
    return true;
}

static bool restore_waiting(struct game *game, const Game__Snapshot *saved)
{
    if (saved->n_waiting > GAME_MAX_WAITING) return false;
    for (size_t i = 0; i < saved->n_waiting; i++) {
        int32_t person = saved->waiting[i];
        if (!snapshot_within(person, game->people_count) || game_takes_part(game, person)) return false;
        uint16_t *place = array_add(&game->waiting, &game->waiting_count, sizeof *place);
        if (!place) return false;
        *place = (uint16_t)person;
    }
    return true;
}

bool snapshot_restore(struct game *game, const Game__Snapshot *saved)
{
    if (saved->format < BEFORE_ROOMS || saved->format > FORMAT) return false;
    if (!times_fit(&saved->base)) return false;
    if (!restore_opened(game, saved) || !restore_small(game, saved)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < saved->n_people; i++) ok = snapshot_restore_person(game, saved->people[i]);
    ok = ok && snapshot_restore_holds(game, saved) && snapshot_restore_log(game, saved);
    for (size_t i = 0; ok && i < saved->n_phases; i++) ok = snapshot_restore_phase(game, saved->phases[i]);
    ok = ok && snapshot_restore_table(game, saved);
    for (size_t i = 0; ok && i < saved->n_polls; i++) ok = snapshot_restore_poll(game, saved->polls[i]);
    ok = ok && snapshot_restore_acts(game, saved);
    for (size_t i = 0; ok && i < saved->n_burned; i++) ok = restore_burned(game, saved->burned[i]);
    ok = ok && restore_claims(game, saved);
    for (size_t i = 0; ok && i < saved->n_bans; i++) ok = restore_ban(game, saved->bans[i]);
    for (size_t i = 0; ok && i < saved->n_voters; i++) ok = restore_vote(game, saved->voters[i]);
    ok = ok && snapshot_restore_undos(game, saved) && snapshot_restore_rooms(game, saved);
    return ok && game->k == (int32_t)game->burned_count + 1 && snapshot_restore_beacons(game, saved) &&
           restore_waiting(game, saved);
}

void snapshot_save(const struct game *game, struct events *events, const char *stream, struct arena *arena)
{
    if (!replica_all_know(events->replica, SNAPSHOT_SINCE)) return;
    Game__Snapshot *saved = snapshot_make(game, arena);
    size_t len = saved ? game__snapshot__get_packed_size(saved) : 0;
    uint8_t *packed = saved ? arena_alloc(arena, len) : NULL;
    if (!packed) return;
    game__snapshot__pack(saved, packed);
    store_snapshot(events->store, stream, game->chain.seq, (ProtobufCBinaryData){len, packed});
}

// Whether the state is that of the stored entry of its number, which also has its time.
static bool is_of_stream(struct game *game, struct store *store, const char *stream, struct arena *arena)
{
    struct store_entries entry;
    struct err err;
    if (!store_read(store, stream, game->chain.seq, 1, arena, &entry, &err) || !entry.count) return false;
    const Game__Link *link =
        game__link__unpack(&arena->allocator, entry.entries[0].len, entry.entries[0].data);
    const Game__Entry *newest =
        link ? game__entry__unpack(&arena->allocator, link->entry.len, link->entry.data) : NULL;
    if (!newest || link->hash.len != HASH_CHAIN_HASH) return false;
    game->newest_ms = newest->time_ms;
    if (!game->acted_ms) game->acted_ms = newest->time_ms; // older snapshots say none
    game->room_rights = game->chain.seq;                   // which entry it was is not kept
    if (game_over(game) && !game->ended_ms) game->ended_ms = newest->time_ms; // older snapshots say none
    return memcmp(link->hash.data, game->chain.head, HASH_CHAIN_HASH) == 0;
}

bool snapshot_load(struct game *game, struct store *store, const char *stream, struct arena *arena,
                   struct err *err)
{
    uint64_t seq;
    ProtobufCBinaryData state;
    if (!store_read_snapshot(store, stream, arena, &seq, &state, err)) return false;
    Game__Snapshot *saved = seq ? game__snapshot__unpack(&arena->allocator, state.len, state.data) : NULL;
    bool fits = saved && saved->seq == seq && snapshot_restore(game, saved);
    if (fits && is_of_stream(game, store, stream, arena)) return true;
    game_finish(game);
    game_init(game);
    return true;
}
