#include "services/events/game/game.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "services/events/game/undo.h"

void *array_add(void *array, size_t *count, size_t size)
{
    void **items = array;
    if ((*count & (*count - 1)) == 0) {
        void *bigger = realloc(*items, (*count ? *count * 2 : 1) * size);
        if (!bigger) return NULL;
        *items = bigger;
    }
    return memset((char *)*items + (*count)++ * size, 0, size);
}

void game_init(struct game *game) { *game = (struct game){.k = 1}; }

void game_finish(struct game *game)
{
    for (size_t i = 0; i < game->phases_count; i++) free(game->phases[i].players);
    for (size_t i = 0; i < game->polls_count; i++) free(game->polls[i].counts), free(game->polls[i].ballots);
    for (size_t i = 0; i < game->notes_count; i++) free(game->notes[i].text);
    for (size_t i = 0; i < game->burned_count; i++)
        free(game->burned[i].reason), free(game->burned[i].secret.siblings);
    for (size_t i = 0; i < game->bans_count; i++) free(game->bans[i].reason);
    for (size_t i = 0; i < game->reports_count; i++) free(game->reports[i].reason);
    free(game->reports);
    free(game->holds);
    free(game->slow);
    free(game->mutes);
    free(game->bans);
    free(game->seen);
    beacon_finish(&game->beacon);
    beacon_finish(&game->next_beacon);
    idmap_finish(&game->claims);
    free(game->secret.siblings);
    void *const arrays[] = {game->deck_name, game->terms.title, game->terms.content, game->roles,
                            game->sides,     game->moves,       game->people,        game->waiting,
                            game->burned,    game->phases,      game->polls,         game->notes,
                            game->winners,   game->uses,        game->chained,       game->undos};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    idmap_finish(&game->people_by_id);
    idmap_finish(&game->votes);
    log_index_finish(&game->log);
    *game = (struct game){0};
}

size_t game_bytes(const struct game *game)
{
    size_t bytes =
        sizeof *game + game->roles_count * sizeof *game->roles + game->people_count * sizeof *game->people +
        (game->people_by_id.size + game->votes.size + game->claims.size) * sizeof(struct idmap_slot) +
        game->phases_count * sizeof *game->phases + game->polls_count * sizeof *game->polls +
        game->uses_count * sizeof *game->uses + game->chained_count * sizeof *game->chained +
        game->log.runs_count * sizeof *game->log.runs + game->log.sets_count * sizeof *game->log.sets +
        (game->undos ? UNDO_MOST * sizeof *game->undos : 0);
    bytes += game->holds_count * sizeof *game->holds;
    if (game->terms.content) bytes += strlen(game->terms.content);
    for (size_t i = 0; i < game->phases_count; i++)
        bytes += game->phases[i].players_count * sizeof(struct player_then);
    for (size_t i = 0; i < game->polls_count; i++)
        bytes += game->polls[i].counts_count * sizeof(struct poll_count) +
                 game->polls[i].ballots_count * sizeof(struct poll_ballot);
    for (size_t i = 0; i < game->burned_count; i++)
        bytes += sizeof *game->burned + (game->burned[i].secret.siblings ? DEAL_PROOF * DEAL_HASH : 0);
    for (size_t i = 0; i < game->bans_count; i++) bytes += sizeof *game->bans + strlen(game->bans[i].reason);
    if (game->beacon.given_up) bytes += strlen(game->beacon.given_up);
    bytes += game->slow_count * sizeof *game->slow + game->mutes_count * sizeof *game->mutes;
    for (size_t i = 0; i < game->reports_count; i++)
        bytes += sizeof *game->reports + strlen(game->reports[i].reason);
    for (size_t i = 0; i < game->notes_count; i++) bytes += sizeof *game->notes + strlen(game->notes[i].text);
    return bytes;
}

enum { KINDS = 128, KIND_TEXT = 32 };

static char kinds[KINDS][KIND_TEXT];
static pthread_once_t kinds_once = PTHREAD_ONCE_INIT;

static void kinds_make(void)
{
    const ProtobufCMessageDescriptor *type = &game__entry__descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) continue;
        assert(field->id < KINDS && strlen(field->name) < KIND_TEXT);
        for (size_t at = 0; field->name[at]; at++)
            kinds[field->id][at] = (char)toupper((unsigned char)field->name[at]);
    }
}

// The field of the body in game.proto, in capitals.
const char *game_kind(Game__Entry__BodyCase which)
{
    pthread_once(&kinds_once, kinds_make);
    return (unsigned)which < KINDS ? kinds[which] : "";
}

bool game_over(const struct game *game)
{
    return game->state == EVENTS__EVENT__STATE__DONE || game->state == EVENTS__EVENT__STATE__CANCELLED ||
           game->state == EVENTS__EVENT__STATE__EXPIRED;
}

bool game_playing(const struct game *game)
{
    return game->state == EVENTS__EVENT__STATE__REVEALED || game->state == EVENTS__EVENT__STATE__RUNNING;
}

int game_person(const struct game *game, const char *user_id)
{
    const uint32_t *bound = game->claims.count ? idmap_find(&game->claims, user_id) : NULL;
    if (bound && *bound) return (int)*bound - 1;
    const uint32_t *person = idmap_find(&game->people_by_id, user_id);
    return person ? (int)*person : GAME_NO_ONE;
}

bool game_has_seen(const struct game *game, const char *user_id)
{
    for (size_t i = 0; i < game->seen_count; i++)
        if (strcmp(game->seen[i].text, user_id) == 0) return true;
    return false;
}

bool game_has_left(const struct game *game, const char *user_id)
{
    for (size_t i = 0; i < game->people_count; i++)
        if (game->people[i].left && person_is(&game->people[i], user_id)) return true;
    return false;
}

bool person_is(const struct person *person, const char *user_id)
{
    return strcmp(person->user_id.text, user_id) == 0 ||
           (person->account.text[0] && strcmp(person->account.text, user_id) == 0);
}

const char *person_account(const struct person *person)
{
    if (person->account.text[0]) return person->account.text;
    return person->guest ? "" : person->user_id.text;
}

const char *person_owner(const struct person *person)
{
    return person->guest ? person->user_id.text : person_account(person);
}

int game_player(const struct game *game, const char *user_id)
{
    int person = game_person(game, user_id);
    return person != GAME_NO_ONE && game->people[person].seat ? person : GAME_NO_ONE;
}

int game_waiting_place(const struct game *game, int person)
{
    for (size_t i = 0; i < game->waiting_count; i++)
        if (game->waiting[i] == person) return (int)i + 1;
    return 0;
}

bool game_takes_part(const struct game *game, int person)
{
    return person != GAME_NO_ONE && (game->people[person].seat || game_waiting_place(game, person));
}

struct ban *game_ban(const struct game *game, const char *user_id)
{
    for (size_t i = 0; i < game->bans_count; i++)
        if (strcmp(game->bans[i].user_id.text, user_id) == 0) return &game->bans[i];
    return NULL;
}

uint32_t vote_kept(Events__Vote__Value vote, uint32_t changes) { return changes << 8 | (uint32_t)vote; }
Events__Vote__Value vote_value(uint32_t kept) { return (Events__Vote__Value)(kept & 255); }
uint32_t vote_changes(uint32_t kept) { return kept >> 8; }

Events__Vote__Value game_vote(const struct game *game, const char *user_id)
{
    const uint32_t *kept = idmap_find(&game->votes, user_id);
    return kept ? vote_value(*kept) : EVENTS__VOTE__VALUE__NONE;
}

struct player_then game_player_now(const struct game *game, int person)
{
    const struct person *at = &game->people[person];
    return (struct player_then){.person = (uint16_t)person,
                                .role = at->role,
                                .told_role = at->told_role,
                                .side = at->side,
                                .told_side = at->told_side,
                                .opened_role = at->opened_role,
                                .opened_side = at->opened_side,
                                .fouls = at->fouls,
                                .statuses = at->statuses};
}

int game_assistant(const struct game *game, const char *user_id)
{
    for (size_t i = 0; i < game->assistants_count; i++)
        if (strcmp(game->assistants[i].user_id.text, user_id) == 0) return (int)i;
    return GAME_NO_ONE;
}

const char *person_name(const struct person *person)
{
    return person->shown[0] ? person->shown : person->username;
}

struct phase *game_open_phase(const struct game *game)
{
    struct phase *last = game->phases_count ? &game->phases[game->phases_count - 1] : NULL;
    return last && last->state != EVENTS__PHASE__STATE__CLOSED ? last : NULL;
}

struct poll *game_open_poll(const struct game *game)
{
    struct poll *last = game->polls_count ? &game->polls[game->polls_count - 1] : NULL;
    return last && last->open ? last : NULL;
}

struct poll *game_poll(const struct game *game, const char *poll_id)
{
    for (size_t i = game->polls_count; i-- > 0;)
        if (strcmp(game->polls[i].id.text, poll_id) == 0) return &game->polls[i];
    return NULL;
}

bool game_is_chained(const struct game *game, int person, int to)
{
    for (size_t i = game->people[person].chained_since; i < game->chained_count; i++)
        if (game->chained[i].from == person && game->chained[i].to == to) return true;
    return false;
}

int32_t game_deals(const struct game *game) { return game->further ? DEAL_MOST : DEAL_SECRETS; }

int32_t game_closed_phases(const struct game *game)
{
    return (int32_t)game->phases_count - (game_open_phase(game) ? 1 : 0);
}

const struct role_facts *game_role(const struct game *game, unsigned place)
{
    return place && place <= game->roles_count ? &game->roles[place - 1] : NULL;
}

const char *game_role_id(const struct game *game, unsigned place)
{
    const struct role_facts *role = game_role(game, place);
    return role ? role->id.text : "";
}

const char *game_side_id(const struct game *game, unsigned place)
{
    return place && place <= game->sides_count ? game->sides[place - 1].text : "";
}

int game_find_role(const struct game *game, const char *role_id)
{
    for (size_t i = 0; i < game->roles_count; i++)
        if (strcmp(game->roles[i].id.text, role_id) == 0) return (int)i + 1;
    return 0;
}

bool game_has_side(const struct game *game, const char *side_id)
{
    for (size_t i = 0; i < game->sides_count; i++)
        if (strcmp(game->sides[i].text, side_id) == 0) return true;
    return false;
}

size_t game_roster(const struct game *game, uint16_t people[GAME_MAX_SEATS])
{
    size_t count = 0;
    for (size_t i = 0; i < GAME_MAX_SEATS; i++)
        if (game->seats[i]) people[count++] = game->seats[i] - 1;
    return count;
}

bool game_is_priced(const struct game *game) { return game->terms.price.currency != 0; }

bool game_is_on_cluster(const struct game *game)
{
    return game->terms.price.currency == EVENTS__PRICE__CURRENCY__LAMPORTS;
}

bool game_is_payable(const struct game *game)
{
    return !game_is_on_cluster(game) || game->cluster_address[0];
}

struct beacon *game_beacon(const struct game *game, uint32_t k)
{
    const struct beacon *beacon =
        game->next_beacon.k && (uint32_t)game->next_beacon.k == k ? &game->next_beacon : &game->beacon;
    return k && (uint32_t)beacon->k == k ? (struct beacon *)beacon : NULL;
}

bool beacon_is_awaited(const struct beacon *beacon)
{
    return beacon->k && !beacon->block && !beacon->given_up;
}

bool game_awaits_beacon(const struct game *game)
{
    if (game->state == EVENTS__EVENT__STATE__LOCKED) return beacon_is_awaited(&game->beacon);
    return game->state == EVENTS__EVENT__STATE__REVEALED && beacon_is_awaited(&game->next_beacon);
}

void beacon_finish(struct beacon *beacon)
{
    free(beacon->given_up);
    *beacon = (struct beacon){.k = 0};
}

// The newest ones are asked for most.
struct hold *game_hold(const struct game *game, const char *hold_id)
{
    for (size_t i = game->holds_count; i > 0; i--)
        if (strcmp(game->holds[i - 1].id.text, hold_id) == 0) return &game->holds[i - 1];
    return NULL;
}

struct hold *game_hold_of(const struct game *game, int person)
{
    bool has = person != GAME_NO_ONE && game->people[person].hold;
    return has ? &game->holds[game->people[person].hold - 1] : NULL;
}

const struct hold *game_waiting_hold(const struct game *game, int person)
{
    size_t i = game_waiting_place(game, person) ? game->holds_count : 0;
    while (i > 0 && !(game->holds[i - 1].person == person && game->holds[i - 1].waits)) i--;
    return i ? &game->holds[i - 1] : NULL;
}

bool hold_is_open(const struct hold *hold)
{
    return hold->state == HOLD_HELD || (hold->state == HOLD_PAID && hold->ends_by);
}

int32_t game_slow_s(const struct game *game, const char *room)
{
    for (size_t i = 0; i < game->slow_count; i++)
        if (strcmp(game->slow[i].room, room) == 0) return game->slow[i].seconds;
    return 0;
}

struct mute *game_mute(const struct game *game, const char *room, int person)
{
    for (size_t i = 0; i < game->mutes_count; i++)
        if (game->mutes[i].person == person && strcmp(game->mutes[i].room, room) == 0) return &game->mutes[i];
    return NULL;
}

const struct message_report *game_report(const struct game *game, const char *room, const char *message_id,
                                         size_t *from)
{
    while (*from < game->reports_count) {
        const struct message_report *report = &game->reports[(*from)++];
        if (strcmp(report->message_id.text, message_id) == 0 && strcmp(report->room, room) == 0)
            return report;
    }
    return NULL;
}
