// Applies entries to the state: the event itself, its seats and its deal.
#include <stdlib.h>
#include <string.h>

#include "services/events/game/fold/fold.h"
#include "services/events/game/times.h"

bool fold_id(struct uuid *id, const char *text)
{
    if (!uuid_check(text)) return false;
    memcpy(id->text, text, sizeof id->text);
    return true;
}

bool fold_text(char **kept, const char *text)
{
    char *copy = strdup(text);
    if (!copy) return false;
    free(*kept);
    *kept = copy;
    return true;
}

bool fold_short(char *kept, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size) return false;
    memcpy(kept, text, len + 1);
    return true;
}

static bool fold_hash(uint8_t kept[DEAL_HASH], const ProtobufCBinaryData *bytes)
{
    if (bytes->len != DEAL_HASH) return false;
    memcpy(kept, bytes->data, DEAL_HASH);
    return true;
}

bool fold_secret(struct opened_secret *kept, int32_t k, const ProtobufCBinaryData *secret,
                 const ProtobufCBinaryData *siblings, size_t count)
{
    if (kept->siblings || !fold_hash(kept->bytes, secret)) return false;
    if (k <= DEAL_SECRETS) return count == 0;
    if (count != DEAL_PROOF || !(kept->siblings = calloc(DEAL_PROOF, DEAL_HASH))) return false;
    for (size_t i = 0; i < count; i++)
        if (!fold_hash(kept->siblings[i], &siblings[i])) return false;
    return true;
}

int fold_side(struct game *game, const char *side_id)
{
    for (size_t i = 0; i < game->sides_count; i++)
        if (strcmp(game->sides[i].text, side_id) == 0) return (int)i + 1;
    if (!uuid_check(side_id) || game->sides_count == GAME_MAX_SIDES) return 0;
    struct uuid *side = array_add(&game->sides, &game->sides_count, sizeof *side);
    return side && fold_id(side, side_id) ? (int)game->sides_count : 0;
}

bool fold_role(struct game *game, const Game__RoleFacts *facts)
{
    if (game->roles_count == GAME_MAX_ROLES || !fold_side(game, facts->side_id)) return false;
    if (facts->abilities < 0 || facts->abilities > GAME_UNLIMITED || facts->copies < 0 ||
        facts->copies > DEAL_MAX_CARDS)
        return false;
    struct role_facts *role = array_add(&game->roles, &game->roles_count, sizeof *role);
    if (!role) return false;
    role->abilities = facts->abilities;
    role->copies = facts->copies;
    return fold_id(&role->id, facts->role_id) && fold_id(&role->side_id, facts->side_id);
}

static bool fold_terms(struct game *game, const Game__Terms *terms)
{
    struct terms *kept = &game->terms;
    if (!terms || terms->min_players < 1 || terms->max_players > GAME_MAX_SEATS ||
        terms->min_players > terms->max_players)
        return false;
    kept->starts_ms = terms->starts_ms;
    kept->expires_ms = terms->expires_ms;
    kept->min_players = terms->min_players;
    kept->max_players = terms->max_players;
    kept->waitlist = terms->waitlist;
    kept->secret_ballot = terms->secret_ballot;
    kept->spectator_delay_ms = terms->spectator_delay_ms;
    return fold_text(&kept->title, terms->title) && fold_text(&kept->content, terms->content) &&
           fold_short(kept->local, sizeof kept->local, terms->local) &&
           fold_short(kept->zone, sizeof kept->zone, terms->zone);
}

void fold_revision(struct game *game, const Game__Entry *entry)
{
    game->revision = game->log.public_count + 1;
    game->revised_ms = entry->time_ms;
}

// Reminders whose time is past when the start is set are not sent later.
static void arm_reminders(struct game *game, int64_t now_ms)
{
    int64_t left_s = (game->terms.starts_ms - now_ms) / 1000;
    game->reminded_s = left_s < 0 ? 0 : left_s > INT32_MAX ? INT32_MAX : (int32_t)left_s;
}

static bool fold_deck(struct game *game, const Game__Opened *opened)
{
    for (size_t i = 0; i < opened->n_roles; i++)
        if (!fold_role(game, opened->roles[i])) return false;
    game->deck_roles = game->roles_count;
    for (size_t i = 0; i < opened->n_last_moves; i++) {
        struct last_move_facts *move = array_add(&game->moves, &game->moves_count, sizeof *move);
        if (!move || !fold_id(&move->id, opened->last_moves[i]->last_move_id)) return false;
        if (opened->last_moves[i]->copies < 0 || opened->last_moves[i]->copies > DEAL_MAX_CARDS) return false;
        move->copies = move->left = opened->last_moves[i]->copies;
    }
    return true;
}

static bool fold_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__Opened *opened = entry->opened;
    if (game->state || opened->n_commitments != DEAL_SECRETS || opened->n_roles > GAME_MAX_ROLES)
        return false;
    if (opened->rules_version < 0 || opened->rules_version > GAME_RULES) return false;
    game->rules_version = opened->rules_version;
    if (!fold_id(&game->id, opened->event_id) || !fold_id(&game->group_id, opened->group_id) ||
        !fold_id(&game->god_id, opened->god_id) || !fold_id(&game->opener_id, opened->god_id) ||
        !fold_id(&game->deck_id, opened->deck_id))
        return false;
    for (int i = 0; i < DEAL_SECRETS; i++)
        if (!fold_hash(game->commitments.first[i], &opened->commitments[i])) return false;
    game->further = opened->further_root.len;
    if (game->further && !fold_hash(game->commitments.further_root, &opened->further_root)) return false;
    game->deck_version = opened->deck_version;
    game->created_ms = entry->time_ms;
    fold_revision(game, entry);
    game->state = EVENTS__EVENT__STATE__OPEN;
    *audience = AUDIENCE(PUBLIC);
    if (!fold_terms(game, opened->terms)) return false;
    arm_reminders(game, entry->time_ms);
    return fold_hash(game->deck_hash, &opened->deck_hash) && fold_text(&game->deck_name, opened->deck_name) &&
           fold_deck(game, opened);
}

static bool fold_edited(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int64_t before_ms = game->terms.starts_ms;
    *audience = AUDIENCE(PUBLIC);
    if (!fold_terms(game, entry->edited->terms)) return false;
    fold_revision(game, entry);
    if (game->terms.starts_ms != before_ms) arm_reminders(game, entry->time_ms);
    return true;
}

static bool fold_image_set(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    return fold_hash(game->image, &entry->image_set->sha256) &&
           fold_short(game->image_type, sizeof game->image_type, entry->image_set->content_type);
}

static bool fold_handed_over(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    return fold_id(&game->god_id, entry->handed_over->god_id);
}

static bool fold_reminded(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    game->reminded_s = entry->reminded->before_s;
    return game->reminded_s >= 0;
}

static int add_person(struct game *game, const char *user_id, const char *username)
{
    int known = game_person(game, user_id);
    if (known != GAME_NO_ONE) {
        struct person *person = &game->people[known];
        person->look = (struct look){0};
        return fold_short(person->username, sizeof person->username, username) ? known : GAME_NO_ONE;
    }
    if (game->people_count == GAME_MAX_PEOPLE || !uuid_check(user_id)) return GAME_NO_ONE;
    struct person *person = array_add(&game->people, &game->people_count, sizeof *person);
    uint32_t *place = person ? idmap_add(&game->people_by_id, user_id) : NULL;
    if (!place || !fold_id(&person->user_id, user_id) ||
        !fold_short(person->username, sizeof person->username, username))
        return GAME_NO_ONE;
    *place = (uint32_t)game->people_count - 1;
    return (int)*place;
}

static void leave_waitlist(struct game *game, int person)
{
    int place = game_waiting_place(game, person);
    if (!place) return;
    size_t after = game->waiting_count - (size_t)place;
    memmove(&game->waiting[place - 1], &game->waiting[place], after * sizeof *game->waiting);
    game->waiting_count--;
}

static void note_arrival(struct person *person)
{
    if (person->arrivals < UINT16_MAX) person->arrivals++;
}

static bool fold_reserved(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__Reserved *reserved = entry->reserved;
    int person = add_person(game, reserved->user_id, reserved->username);
    *audience = AUDIENCE(PUBLIC);
    if (person == GAME_NO_ONE || game->people[person].seat) return false;
    if (reserved->seat < 1 || reserved->seat > GAME_MAX_SEATS || game->seats[reserved->seat - 1])
        return false;
    if (!game_waiting_place(game, person)) note_arrival(&game->people[person]);
    leave_waitlist(game, person);
    game->people[person].guest = reserved->guest;
    game->people[person].seat = (int16_t)reserved->seat;
    game->seats[reserved->seat - 1] = (uint16_t)(person + 1);
    game->seats_taken++;
    return true;
}

static bool fold_nonce_given(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int person = game_person(game, entry->nonce_given->user_id);
    if (person == GAME_NO_ONE || !fold_hash(game->people[person].nonce, &entry->nonce_given->nonce))
        return false;
    game->people[person].nonce_len = DEAL_NONCE;
    *audience = AUDIENCE_OF(OWNER, person);
    return true;
}

static bool fold_waitlisted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int person = add_person(game, entry->waitlisted->user_id, entry->waitlisted->username);
    if (person == GAME_NO_ONE || game->people[person].seat || game_waiting_place(game, person)) return false;
    if (game->waiting_count == GAME_MAX_WAITING) return false;
    uint16_t *place = array_add(&game->waiting, &game->waiting_count, sizeof *place);
    if (!place) return false;
    *place = (uint16_t)person;
    note_arrival(&game->people[person]);
    *audience = AUDIENCE_OF(PERSON, person);
    return true;
}

static bool fold_seat_freed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->seat_freed->user_id);
    *audience = AUDIENCE(PUBLIC);
    if (player == GAME_NO_ONE) return false;
    game->seats[game->people[player].seat - 1] = 0;
    game->people[player].seat = 0;
    game->people[player].nonce_len = 0;
    game->seats_taken--;
    return true;
}

static bool fold_waitlist_left(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int person = game_person(game, entry->waitlist_left->user_id);
    if (person == GAME_NO_ONE || !game_waiting_place(game, person)) return false;
    leave_waitlist(game, person);
    game->people[person].nonce_len = 0;
    *audience = AUDIENCE_OF(PERSON, person);
    return true;
}

static bool fold_voted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(SEALED);
    if (!uuid_check(entry->actor) || entry->voted->vote < 1 || entry->voted->vote > EVENTS__VOTE__VALUE__NONE)
        return false;
    uint32_t *kept = idmap_add(&game->votes, entry->actor);
    if (!kept) return false;
    Events__Vote__Value before = vote_value(*kept), now = entry->voted->vote;
    game->upvotes += (now == EVENTS__VOTE__VALUE__UP) - (before == EVENTS__VOTE__VALUE__UP);
    game->downvotes += (now == EVENTS__VOTE__VALUE__DOWN) - (before == EVENTS__VOTE__VALUE__DOWN);
    *kept = vote_kept(now, vote_changes(*kept) + 1);
    return true;
}

static bool fold_locked(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    if (game->state != EVENTS__EVENT__STATE__OPEN || entry->locked->k != game->k ||
        game->k > game_deals(game))
        return false;
    game->state = EVENTS__EVENT__STATE__LOCKED;
    return true;
}

static bool fold_reopened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)entry;
    *audience = AUDIENCE(PUBLIC);
    if (game->state != EVENTS__EVENT__STATE__LOCKED) return false;
    game->state = EVENTS__EVENT__STATE__OPEN;
    return true;
}

static bool fold_deal_burned(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__DealBurned *deal = entry->deal_burned;
    *audience = AUDIENCE(PUBLIC);
    if (deal->k != game->k || game->k > game_deals(game)) return false;
    struct burned *burned = array_add(&game->burned, &game->burned_count, sizeof *burned);
    if (!burned || !fold_text(&burned->reason, deal->reason) ||
        !fold_secret(&burned->secret, deal->k, &deal->secret, deal->siblings, deal->n_siblings))
        return false;
    burned->k = deal->k;
    game->k++;
    return true;
}

static bool fold_revealed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    if (entry->revealed->k != game->k || !fold_hash(game->root, &entry->revealed->root)) return false;
    game->state = EVENTS__EVENT__STATE__REVEALED;
    game->dealt = true;
    return true;
}

enum { CHANGES = 1 << EVENTS__STATUS__VALUE__ROLE_CHANGED | 1 << EVENTS__STATUS__VALUE__SIDE_CHANGED };

static bool fold_card_dealt(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->card_dealt->user_id);
    int role = game_find_role(game, entry->card_dealt->role_id);
    if (player == GAME_NO_ONE || !role || !game->dealt) return false;
    struct person *person = &game->people[player];
    person->card = person->role = person->told_role = (uint16_t)role;
    person->side = person->told_side = (uint8_t)fold_side(game, game->roles[role - 1].side_id.text);
    person->abilities_left = (int16_t)game->roles[role - 1].abilities;
    person->statuses.on &= (uint16_t)~CHANGES; // of the card that a re-deal took back
    person->statuses.told &= (uint16_t)~CHANGES;
    *audience = AUDIENCE_OF(PERSON, player);
    return person->side != 0;
}

static bool fold_deal_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    const Game__DealOpened *deal = entry->deal_opened;
    if (!game->dealt || deal->k != game->k) return false;
    game->opened = true;
    return fold_secret(&game->secret, deal->k, &deal->secret, deal->siblings, deal->n_siblings);
}

fold_function *const fold_seats[FOLD_SEATS_END] = {
    [GAME__ENTRY__BODY_OPENED] = fold_opened,
    [GAME__ENTRY__BODY_EDITED] = fold_edited,
    [GAME__ENTRY__BODY_IMAGE_SET] = fold_image_set,
    [GAME__ENTRY__BODY_HANDED_OVER] = fold_handed_over,
    [GAME__ENTRY__BODY_REMINDED] = fold_reminded,
    [GAME__ENTRY__BODY_RESERVED] = fold_reserved,
    [GAME__ENTRY__BODY_NONCE_GIVEN] = fold_nonce_given,
    [GAME__ENTRY__BODY_WAITLISTED] = fold_waitlisted,
    [GAME__ENTRY__BODY_SEAT_FREED] = fold_seat_freed,
    [GAME__ENTRY__BODY_WAITLIST_LEFT] = fold_waitlist_left,
    [GAME__ENTRY__BODY_VOTED] = fold_voted,
    [GAME__ENTRY__BODY_LOCKED] = fold_locked,
    [GAME__ENTRY__BODY_REOPENED] = fold_reopened,
    [GAME__ENTRY__BODY_DEAL_BURNED] = fold_deal_burned,
    [GAME__ENTRY__BODY_REVEALED] = fold_revealed,
    [GAME__ENTRY__BODY_CARD_DEALT] = fold_card_dealt,
    [GAME__ENTRY__BODY_DEAL_OPENED] = fold_deal_opened,
};

static fold_function *fold_of(Game__Entry__BodyCase which)
{
    unsigned at = (unsigned)which;
    if (at < FOLD_SEATS_END && fold_seats[at]) return fold_seats[at];
    return at < FOLD_PLAY_END ? fold_play[at] : NULL;
}

// Whether the god, a dev or the clock did it: none of them takes part. A player's own steps, and their
// consequences, are no acts.
static bool is_act(const struct game *game, const Game__Entry *entry)
{
    switch (entry->body_case) {
    case GAME__ENTRY__BODY_NONCE_GIVEN:
    case GAME__ENTRY__BODY_VOTED:
    case GAME__ENTRY__BODY_BALLOT_CAST:
        return false;
    case GAME__ENTRY__BODY_RESERVED:
    case GAME__ENTRY__BODY_WAITLISTED:
        return !*entry->actor || strcmp(entry->actor, game->god_id.text) == 0;
    case GAME__ENTRY__BODY_SEAT_FREED:
        return strcmp(entry->actor, entry->seat_freed->user_id) != 0;
    case GAME__ENTRY__BODY_WAITLIST_LEFT:
        return strcmp(entry->actor, entry->waitlist_left->user_id) != 0;
    default:
        return !game_takes_part(game, game_person(game, entry->actor));
    }
}

bool game_fold(struct game *game, const Game__Entry *entry, const uint8_t leaf[HASH_CHAIN_HASH])
{
    fold_function *fold = fold_of(entry->body_case);
    bool first = entry->body_case == GAME__ENTRY__BODY_OPENED;
    if (!fold || first == (game->state != EVENTS__EVENT__STATE__STATE_UNSPECIFIED)) return false;
    hash_chain_advance(&game->chain, leaf);
    struct audience audience = AUDIENCE(GOD);
    if (!fold(game, entry, &audience) || !log_index_add(&game->log, audience)) return false;
    if (is_act(game, entry)) game->act = game->chain.seq;
    return true;
}

bool game_apply(struct game *game, const uint8_t salt[HASH_CHAIN_SALT], const void *bytes, size_t len)
{
    Game__Entry *entry = game__entry__unpack(NULL, len, bytes);
    if (!entry) return false;
    uint8_t leaf[HASH_CHAIN_HASH];
    hash_chain_leaf(leaf, salt, bytes, len);
    bool fits = times_fit(&entry->base) && game_fold(game, entry, leaf);
    game__entry__free_unpacked(entry, NULL);
    return fits;
}
