// A day and a night of a queue: people come, are offered tables, some fail to accept, play, and come back.
#include <math.h>

#include "services/ai/matching/queue.h"
#include "tests/test.h"

enum { TICK_MS = 5000, DAY_MS = 24 * 3600 * 1000, PEOPLE_MOST = 200, WAITS = 1 << 16, OFFERS = 64 };
enum { ANSWER_MS = 15000, GAME_MS = 3600 * 1000, BREAK_MS = 1800 * 1000, FAILS_OF_100 = 4 };

static const struct queue_options options = {.window = 2, .window_per_s = 0.05, .patience_ms = 180 * 1000};
static const struct queue_table table = {.needed = 5, .free = 12};

enum state { AWAY, WAITING, OFFERED };
struct person {
    enum state state;
    uint64_t until_ms, joined_ms; // of AWAY; of the others
    uint64_t returned_ms;         // after others failed; 0: not
    double mu;
};
struct offer {
    struct queue_match match;
    uint64_t until_ms; // 0: none
};
struct day {
    struct queue *queue;
    struct person people[PEOPLE_MOST];
    struct offer offers[OFFERS];
    uint32_t population;
    unsigned short seed[3];
    uint64_t waits_s[WAITS], wait_count, games, failed, returned, again_at_once, overdue, longest_ms;
    double spread;
};

static double uniform(struct day *day) { return erand48(day->seed); }

static double normal(struct day *day)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) sum += uniform(day);
    return sum - 6;
}

static struct queue_ticket ticket_of(const struct day *day, uint32_t i)
{
    const struct person *person = &day->people[i];
    struct queue_ticket ticket = {.tag = i,
                                  .mu = person->mu,
                                  .joined_ms = person->joined_ms,
                                  .size_min = 1,
                                  .size_max = QUEUE_MOST_SEATS,
                                  .below = INFINITY,
                                  .above = INFINITY};
    memcpy(ticket.id.bytes, &i, sizeof i);
    return ticket;
}

static void wait_in_line(struct day *day, uint32_t i)
{
    const struct queue_ticket ticket = ticket_of(day, i);
    day->people[i].state = WAITING;
    assert_int_equal(queue_join(day->queue, &ticket), QUEUE_JOINED);
}

static void go_away(struct day *day, uint32_t i, uint64_t until_ms)
{
    day->people[i] = (struct person){.until_ms = until_ms, .mu = day->people[i].mu};
}

static void come(struct day *day, uint64_t now_ms)
{
    for (uint32_t i = 0; i < day->population; i++) {
        if (day->people[i].state != AWAY || day->people[i].until_ms > now_ms) continue;
        day->people[i].joined_ms = now_ms;
        wait_in_line(day, i);
    }
}

static void play(struct day *day, const struct queue_match *match, uint64_t now_ms)
{
    day->games++;
    day->spread += match->spread;
    for (uint32_t i = 0; i < match->players; i++)
        go_away(day, match->seats[i].tag, now_ms + GAME_MS + (uint64_t)(uniform(day) * BREAK_MS));
}

// Who failed leaves; the others have their old places.
static void come_back(struct day *day, const struct queue_match *match, const bool *fails, uint64_t now_ms)
{
    day->failed++;
    for (uint32_t i = 0; i < match->players; i++) {
        const uint32_t tag = match->seats[i].tag;
        if (fails[i]) {
            go_away(day, tag, now_ms + (uint64_t)(uniform(day) * BREAK_MS));
            continue;
        }
        day->people[tag].returned_ms = now_ms;
        day->returned++;
        wait_in_line(day, tag);
    }
}

static void answer(struct day *day, uint64_t now_ms)
{
    for (uint32_t o = 0; o < OFFERS; o++) {
        struct offer *offer = &day->offers[o];
        bool fails[QUEUE_MOST_SEATS] = {false};
        uint32_t accepted = 0;
        if (!offer->until_ms || offer->until_ms > now_ms) continue;
        offer->until_ms = 0;
        for (uint32_t i = 0; i < offer->match.players; i++)
            accepted += !(fails[i] = uniform(day) * 100 < FAILS_OF_100);
        if (accepted < offer->match.players)
            come_back(day, &offer->match, fails, now_ms);
        else
            play(day, &offer->match, now_ms);
    }
}

static struct offer *free_offer(struct day *day)
{
    for (uint32_t o = 0; o < OFFERS; o++)
        if (!day->offers[o].until_ms) return &day->offers[o];
    fail_msg("too many offers");
    return NULL;
}

static void make_offer(struct day *day, const struct queue_match *match, uint64_t now_ms)
{
    struct offer *offer = free_offer(day);
    *offer = (struct offer){*match, now_ms + ANSWER_MS};
    queue_take(day->queue, match);
    for (uint32_t i = 0; i < match->players; i++) {
        struct person *person = &day->people[match->seats[i].tag];
        person->state = OFFERED;
        day->again_at_once += person->returned_ms && person->returned_ms == now_ms;
        person->returned_ms = 0;
        if (day->wait_count < WAITS) day->waits_s[day->wait_count++] = match->seats[i].waited_ms / 1000;
        if (match->seats[i].waited_ms > day->longest_ms) day->longest_ms = match->seats[i].waited_ms;
    }
}

// After a tick nobody is left who has waited for more than patience while enough others wait.
static void count_overdue(struct day *day, uint64_t now_ms)
{
    if (queue_waiting(day->queue) < table.needed) return;
    for (uint32_t i = 0; i < day->population; i++)
        day->overdue +=
            day->people[i].state == WAITING && now_ms - day->people[i].joined_ms > options.patience_ms;
}

static uint32_t count_near(const struct day *day, const struct person *person, uint64_t now_ms)
{
    const double window = queue_window(&options, now_ms - person->joined_ms);
    uint32_t near = 0;
    for (uint32_t i = 0; i < day->population; i++)
        near += day->people[i].state == WAITING && fabs(day->people[i].mu - person->mu) <= window;
    return near;
}

// Whoever came back is offered something within the same tick, or too few wait who are near enough.
static void check_returned(const struct day *day, uint64_t now_ms)
{
    for (uint32_t i = 0; i < day->population; i++) {
        const struct person *person = &day->people[i];
        if (person->state == WAITING && person->returned_ms == now_ms)
            assert_true(count_near(day, person, now_ms) < table.needed);
    }
}

static int by_size(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void print_day(struct day *day)
{
    qsort(day->waits_s, day->wait_count, sizeof *day->waits_s, by_size);
    printf("  %3u people: %5lu games, mean spread %4.1f; waits p50 %3lu s, p90 %4lu s, longest %5lu s; %4lu "
           "offers "
           "failed, %5lu came back, %5lu of them offered again in the same tick\n",
           day->population, day->games, day->games ? day->spread / (double)day->games : 0,
           day->wait_count ? day->waits_s[day->wait_count / 2] : 0,
           day->wait_count ? day->waits_s[day->wait_count * 9 / 10] : 0, day->longest_ms / 1000, day->failed,
           day->returned, day->again_at_once);
}

static void live_a_day(uint32_t population)
{
    static struct day day;
    struct queue_match match;
    day = (struct day){.population = population, .seed = {1, 2, (unsigned short)population}};
    day.queue = queue_create(&options, PEOPLE_MOST);
    for (uint32_t i = 0; i < population; i++) {
        day.people[i].mu = i % 3 ? 25 + 5 * normal(&day) : 25; // a third are newcomers
        day.people[i].until_ms = (uint64_t)(uniform(&day) * BREAK_MS);
    }
    for (uint64_t now_ms = TICK_MS; now_ms <= DAY_MS; now_ms += TICK_MS) {
        come(&day, now_ms);
        answer(&day, now_ms);
        while (queue_propose(day.queue, &table, now_ms, &match)) make_offer(&day, &match, now_ms);
        check_returned(&day, now_ms);
        count_overdue(&day, now_ms);
    }
    print_day(&day);
    queue_destroy(day.queue);
    assert_int_equal(day.overdue, 0);
    assert_true(day.games > 0);
    assert_true(population < 20 || (day.failed > 0 && day.again_at_once > 0));
}

static void nobody_waits_beyond_patience_while_enough_others_wait(void **state)
{
    static const uint32_t populations[] = {5, 6, 8, 10, 15, 20, 35, 50, 75, 100, 150, 200};
    (void)state;
    for (size_t i = 0; i < sizeof populations / sizeof *populations; i++) live_a_day(populations[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_beyond_patience_while_enough_others_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
