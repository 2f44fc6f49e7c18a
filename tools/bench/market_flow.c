#include "tools/bench/market_flow.h"

#include <math.h>
#include <stdlib.h>

// The five standard flows, and prices that no array by price could hold.
const struct flow_kind flow_kinds[] = {
    {"static book", 0, 20000, false, false},  {"normal", 0.02, 3000, false, false},
    {"swing 25 %", 0.25, 1500, false, false}, {"swing 40 %", 0.40, 1000, false, false},
    {"flash crash", 0.60, 500, true, false},  {"sparse prices", 0, 3000, false, true},
};
const size_t flow_kinds_count = sizeof(flow_kinds) / sizeof(flow_kinds[0]);

enum { START = 33500, ARRIVALS = FLOW_MESSAGES * 6 / 10, FARTHEST = 3000 };

static const double IOC_SHARE = 0.15;
static const double CANCEL_SHARE = 0.95;
static const double MODIFY_SHARE = 0.20;

struct timed {
    double when;
    uint64_t number; // breaks ties, so that the sort has one answer
    struct market_command command;
};

struct maker {
    const struct flow_kind *kind;
    uint64_t random;
    struct timed *messages;
    size_t count;
};

static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15u;

    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

// In (0, 1].
static double next_share(uint64_t *state)
{
    return (double)((next_random(state) >> 11) + 1) / 9007199254740992.0;
}

// The middle goes down and up again twice, or falls all at once half-way through; small waves keep it
// crossing resting orders.
static double middle_at(const struct flow_kind *kind, double progress)
{
    double waves = kind->swing * 0.02 * sin(progress * 6.283185307179586 * 200);

    if (!kind->crash)
        return START * (1 - kind->swing * (1 - cos(progress * 6.283185307179586 * 2)) / 2 + waves);
    if (progress < 0.5 || progress > 0.6) return START * (1 + waves / 4);
    return START * (1 - kind->swing * (1 - fabs(progress - 0.55) / 0.05) + waves);
}

static int64_t distance_from_middle(struct maker *maker)
{
    double ticks = 6 * (pow(next_share(&maker->random), -1 / 1.23) - 1);

    if (maker->kind->sparse) return (int64_t)(next_random(&maker->random) >> 2);
    return ticks < FARTHEST ? (int64_t)ticks : FARTHEST;
}

static void market_flow_push(struct maker *maker, double when, const struct market_command *command)
{
    maker->messages[maker->count] = (struct timed){when, maker->count, *command};
    maker->count++;
}

// A cancel, and sometimes before it a modify by one tick and one more.
static void push_rest_of_life(struct maker *maker, double arrival, int64_t distance,
                              struct market_command command)
{
    double near = maker->kind->sparse ? 1 : 0.5 + (double)distance / 50;
    double lifetime = -log(next_share(&maker->random)) * maker->kind->lifetime * (near < 3 ? near : 3);

    if (next_share(&maker->random) <= MODIFY_SHARE) {
        command.kind = MARKET_MODIFY;
        command.quantity++;
        command.price += command.side == MARKET_BUY ? 1 : -1;
        market_flow_push(maker, arrival + lifetime * next_share(&maker->random), &command);
    }
    command.kind = MARKET_CANCEL;
    if (next_share(&maker->random) <= CANCEL_SHARE) market_flow_push(maker, arrival + lifetime, &command);
}

static void push_order(struct maker *maker, uint64_t arrival)
{
    int64_t distance = distance_from_middle(maker);
    int64_t middle = (int64_t)middle_at(maker->kind, (double)arrival / ARRIVALS);
    struct market_command command = {
        .kind = MARKET_ADD,
        .side = next_random(&maker->random) & 1,
        .order_id = arrival + 1,
        .owner_id = 1 + next_random(&maker->random) % 100000,
        .quantity = 1 + (uint32_t)(next_random(&maker->random) % 100),
    };
    int64_t away = command.side == MARKET_BUY ? -1 : 1;

    if (next_share(&maker->random) <= IOC_SHARE) {
        command.time_in_force = MARKET_IOC;
        command.price = middle - away * (2 + (maker->kind->sparse ? distance / 64 : 0));
        market_flow_push(maker, (double)arrival, &command);
        return;
    }
    command.price = middle + away * (1 + distance);
    market_flow_push(maker, (double)arrival, &command);
    push_rest_of_life(maker, (double)arrival, distance, command);
}

static int by_time(const void *a, const void *b)
{
    const struct timed *left = a;
    const struct timed *right = b;

    if (left->when != right->when) return left->when < right->when ? -1 : 1;
    return left->number < right->number ? -1 : 1;
}

struct market_command *flow_create(const struct flow_kind *kind, uint64_t seed)
{
    struct maker maker = {
        .kind = kind, .random = seed, .messages = calloc(3 * (size_t)ARRIVALS, sizeof(*maker.messages))};
    struct market_command *flow = calloc(FLOW_MESSAGES, sizeof(*flow));

    if (maker.messages && flow) {
        for (uint64_t arrival = 0; arrival < ARRIVALS; arrival++) push_order(&maker, arrival);
        qsort(maker.messages, maker.count, sizeof(*maker.messages), by_time);
        for (size_t i = 0; i < FLOW_MESSAGES; i++) flow[i] = maker.messages[i].command;
    } else {
        free(flow);
        flow = NULL;
    }
    free(maker.messages);
    return flow;
}
