#include "services/events/push/turns.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, RESTING_MOST = 4096, PARTY_NAME = TURN_SITE + 2 };

// An owner or a site: who takes part in turns, or was slow lately.
struct party {
    struct party *next; // in its bucket
    char name[PARTY_NAME];
    int64_t served_ms, slow_until_ms, rests_until_ms; // of an owner
    unsigned turns, busy;                             // that are of it; that go on
};

struct turn {
    char name[TURN_NAME];
    struct party *owner, *site; // site: NULL when it is not known
    int64_t due_ms;
    bool busy, rung; // it goes on; meanwhile there was more
    bool at_site;    // it counts there
    bool as_slow;    // it counts among the slow
};

struct turns {
    struct turns_limits limits;
    struct turn *list;
    size_t count;
    struct party *parties[BUCKETS];
    size_t resting; // parties without turns
    unsigned slow;  // turns of the slow that go on
    uint8_t key[crypto_shorthash_KEYBYTES];
};

bool turns_create(struct turns **out, const struct turns_limits *limits, struct err *err)
{
    struct turns *turns = *out = calloc(1, sizeof *turns);
    if (turns) turns->list = calloc(limits->most, sizeof *turns->list);
    if (!turns || !turns->list) return err_fail(err, INTERNAL_ERROR, "out of memory");
    turns->limits = *limits;
    crypto_shorthash_keygen(turns->key);
    return true;
}

void turns_destroy(struct turns *turns)
{
    if (!turns) return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct party *party = turns->parties[i], *next; party; party = next) {
            next = party->next;
            free(party);
        }
    free(turns->list);
    free(turns);
}

// ---- Owners and sites

static struct party **party_bucket(struct turns *turns, const char *name)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)name, strlen(name), turns->key);
    return &turns->parties[hash % BUCKETS];
}

static struct party *party_find(struct turns *turns, const char *name)
{
    struct party *party = *party_bucket(turns, name);
    while (party && strcmp(party->name, name) != 0) party = party->next;
    return party;
}

static void party_drop(struct turns *turns, struct party *party)
{
    struct party **at = party_bucket(turns, party->name);
    while (*at != party) at = &(*at)->next;
    *at = party->next;
    free(party);
}

// Those that are slow no more; when that is not enough, whoever is met first.
static void parties_sweep(struct turns *turns, int64_t now_ms)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct party *party = turns->parties[i], *next; party; party = next) {
            next = party->next;
            bool over = party->slow_until_ms <= now_ms || turns->resting >= RESTING_MOST;
            if (party->turns || !over) continue;
            turns->resting--;
            party_drop(turns, party);
        }
}

// Who comes has their place behind those that wait already.
static struct party *party_join(struct turns *turns, char kind, const char *name, int64_t now_ms)
{
    char text[PARTY_NAME];
    snprintf(text, sizeof text, "%c%s", kind, name);
    struct party *party = party_find(turns, text);
    if (party) {
        turns->resting -= !party->turns;
        party->turns++;
        return party;
    }
    party = calloc(1, sizeof *party);
    if (!party) abort();
    *party = (struct party){.served_ms = now_ms, .turns = 1};
    memcpy(party->name, text, sizeof party->name);
    struct party **bucket = party_bucket(turns, text);
    party->next = *bucket;
    return *bucket = party;
}

static bool party_is_slow(const struct party *party, int64_t now_ms) { return party->slow_until_ms > now_ms; }

// Who was slow is known for as long as that counts.
static void party_leave(struct turns *turns, struct party *party, int64_t now_ms)
{
    if (!party || --party->turns) return;
    if (!party_is_slow(party, now_ms)) return party_drop(turns, party);
    turns->resting++;
    if (turns->resting > RESTING_MOST) parties_sweep(turns, now_ms);
}

// ---- Turns

static struct turn *turn_find(struct turns *turns, const char *name)
{
    for (size_t i = 0; i < turns->count; i++)
        if (strcmp(turns->list[i].name, name) == 0) return &turns->list[i];
    return NULL;
}

static void turn_set_site(struct turns *turns, struct turn *turn, const char *site, int64_t now_ms)
{
    struct party *before = turn->site;
    if (!*site || (before && strcmp(before->name + 1, site) == 0)) return;
    turn->site = party_join(turns, 's', site, now_ms);
    party_leave(turns, before, now_ms);
}

static void turn_forget(struct turns *turns, struct turn *turn, int64_t now_ms)
{
    party_leave(turns, turn->owner, now_ms);
    party_leave(turns, turn->site, now_ms);
    *turn = turns->list[--turns->count];
}

void turns_ring(struct turns *turns, const struct turn_of *of, int64_t now_ms)
{
    struct turn *turn = turn_find(turns, of->name);
    if (!turn && turns->count == turns->limits.most) return;
    if (!turn) {
        turn = &turns->list[turns->count++];
        *turn = (struct turn){.owner = party_join(turns, 'o', of->owner, now_ms), .due_ms = now_ms};
        memcpy(turn->name, of->name, sizeof turn->name);
    }
    turn->rung = turn->busy;
    if (turn->busy) return;
    turn_set_site(turns, turn, of->site, now_ms);
    if (turn->due_ms > now_ms) turn->due_ms = now_ms;
}

static bool turn_has_place(const struct turns *turns, const struct turn *turn, int64_t now_ms)
{
    if (turn->owner->busy >= turns->limits.of_owner) return false;
    if (turn->site && turn->site->busy >= turns->limits.to_site) return false;
    return !party_is_slow(turn->owner, now_ms) || turns->slow < turns->limits.slow;
}

// Who is slow rests, also from what is rung meanwhile.
static int64_t turn_due_ms(const struct turn *turn)
{
    return turn->due_ms > turn->owner->rests_until_ms ? turn->due_ms : turn->owner->rests_until_ms;
}

static bool comes_before(const struct turn *turn, const struct turn *other)
{
    if (!other) return true;
    int64_t mine_ms = turn->owner->served_ms, its_ms = other->owner->served_ms;
    return mine_ms != its_ms ? mine_ms < its_ms : turn->due_ms < other->due_ms;
}

static void count_at_site(struct turn *turn)
{
    turn->at_site = turn->site;
    if (turn->site) turn->site->busy++;
}

static void turn_begin(struct turns *turns, struct turn *turn, int64_t now_ms)
{
    turn->busy = true;
    turn->rung = false;
    turn->as_slow = party_is_slow(turn->owner, now_ms);
    turns->slow += turn->as_slow;
    turn->owner->busy++;
    turn->owner->served_ms = now_ms;
    count_at_site(turn);
}

bool turns_take(struct turns *turns, int64_t now_ms, struct turn_of *taken, int64_t *next_ms)
{
    struct turn *best = NULL;
    *next_ms = INT64_MAX;
    for (size_t i = 0; i < turns->count; i++) {
        struct turn *turn = &turns->list[i];
        if (turn->busy) continue;
        int64_t due_ms = turn_due_ms(turn);
        if (due_ms > now_ms)
            *next_ms = due_ms < *next_ms ? due_ms : *next_ms;
        else if (comes_before(turn, best) && turn_has_place(turns, turn, now_ms))
            best = turn;
    }
    if (!best) return false;
    turn_begin(turns, best, now_ms);
    *taken = (struct turn_of){.name = ""};
    memcpy(taken->name, best->name, sizeof taken->name);
    snprintf(taken->owner, sizeof taken->owner, "%s", best->owner->name + 1);
    if (best->site) snprintf(taken->site, sizeof taken->site, "%s", best->site->name + 1);
    return true;
}

static void leave_site(struct turn *turn)
{
    if (turn->at_site) turn->site->busy--;
    turn->at_site = false;
}

bool turns_enter(struct turns *turns, const char *name, const char *site, int64_t now_ms)
{
    struct turn *turn = turn_find(turns, name);
    if (!turn) return true;
    leave_site(turn);
    turn_set_site(turns, turn, site, now_ms);
    if (turn->site && turn->site->busy >= turns->limits.to_site) return false;
    count_at_site(turn);
    return true;
}

static void turn_end(struct turns *turns, struct turn *turn)
{
    turn->busy = false;
    turn->owner->busy--;
    leave_site(turn);
    turns->slow -= turn->as_slow;
}

void turns_give(struct turns *turns, const char *name, const struct turn_end *end, int64_t now_ms)
{
    struct turn *turn = turn_find(turns, name);
    if (!turn) return;
    turn_end(turns, turn);
    if (end->took_ms >= TURN_SLOW_MS) {
        turn->owner->slow_until_ms = now_ms + TURN_SLOW_FOR_MS;
        turn->owner->rests_until_ms = now_ms + end->took_ms * TURN_RESTS;
    }
    turn->due_ms = turn->rung ? now_ms : end->again_ms;
    if (turn->due_ms == INT64_MAX && end->forget) turn_forget(turns, turn, now_ms);
}

void turns_clear(struct turns *turns)
{
    for (size_t i = turns->count; i-- > 0;)
        if (!turns->list[i].busy) turn_forget(turns, &turns->list[i], INT64_MAX);
}

void turn_site(char site[TURN_SITE], const char *url, bool loopback)
{
    struct outside_url parsed;
    *site = 0;
    if (outside_url_parse(&parsed, url, loopback)) return;
    snprintf(site, TURN_SITE, "%s:%u", parsed.literal ? parsed.host : outside_domain(parsed.host),
             parsed.port);
}
