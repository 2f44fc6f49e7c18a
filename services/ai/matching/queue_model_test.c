// The queue over plain arrays, which queue.c must agree with on random evenings.
#include "services/ai/testing/waiters.h"

enum { MOST = 400 };

// Those who wait, the longest first.
struct model {
    struct queue_ticket waiting[MOST];
    uint32_t count;
};

static void model_join(struct model *model, const struct queue_ticket *ticket)
{
    uint32_t at = model->count++;
    for (; at > 0 && model->waiting[at - 1].joined_ms > ticket->joined_ms; at--)
        model->waiting[at] = model->waiting[at - 1];
    model->waiting[at] = *ticket;
}

static void model_remove(struct model *model, uint32_t number)
{
    uint32_t at = 0;
    while (model->waiting[at].tag != number) at++;
    memmove(&model->waiting[at], &model->waiting[at + 1], (--model->count - at) * sizeof model->waiting[0]);
}

struct model_table {
    const struct queue_ticket *chosen[QUEUE_MOST_SEATS];
    uint32_t count;
    double score;
};

static bool model_accepts(const struct queue_ticket *one, const struct queue_ticket *other)
{
    return other->mu >= one->mu - one->below && other->mu <= one->mu + one->above;
}

static bool model_fits(const struct model_table *at, const struct queue_table *table,
                       const struct queue_ticket *ticket)
{
    const uint32_t size = table->most ? table->most : at->count + 1, whole = table->taken + table->free;
    if (ticket->size_max < size || ticket->size_min > (whole > table->least ? whole : table->least))
        return false;
    for (uint32_t i = 0; i < at->count; i++)
        if (!model_accepts(at->chosen[i], ticket) || !model_accepts(ticket, at->chosen[i]) ||
            clash_of_two(NULL, at->chosen[i]->tag % 8, ticket->tag % 8) ||
            (!table->most && at->chosen[i]->size_max < at->count + 1))
            return false;
    return true;
}

static const struct queue_ticket *model_nearest(const struct model *model, const struct queue_ticket *chooser,
                                                const bool *seen)
{
    const struct queue_ticket *best = NULL;
    for (uint32_t i = 0; i < model->count; i++) {
        const struct queue_ticket *ticket = &model->waiting[i];
        if (!seen[i] && (!best || fabs(ticket->mu - chooser->mu) < fabs(best->mu - chooser->mu)))
            best = ticket;
    }
    return best;
}

static double model_score(const struct model_table *at, const struct queue_options *options, uint64_t now_ms)
{
    double low = INFINITY, high = -INFINITY, waited_s = 0;
    for (uint32_t i = 0; i < at->count; i++) {
        low = fmin(low, at->chosen[i]->mu);
        high = fmax(high, at->chosen[i]->mu);
        waited_s += (now_ms - at->chosen[i]->joined_ms) / 1000.0;
    }
    return options->window_per_s * waited_s - (high - low);
}

static bool model_is_enough(const struct model_table *at, const struct queue_table *table)
{
    const uint32_t size = table->taken + at->count;
    for (uint32_t i = 0; i < at->count; i++)
        if (at->chosen[i]->size_min > (size > table->least ? size : table->least)) return false;
    return at->count >= table->needed;
}

static struct model_table model_choose(const struct model *model, const struct queue_options *options,
                                       const struct queue_table *table, const struct queue_ticket *chooser,
                                       uint64_t now_ms)
{
    struct model_table at = {.count = 0}, best = {.count = 0};
    bool seen[MOST] = {false};
    const double reach = queue_window(options, now_ms - chooser->joined_ms);
    if (!model_fits(&at, table, chooser)) return best;
    for (const struct queue_ticket *next = chooser; next && at.count < table->free;
         next = model_nearest(model, chooser, seen)) {
        seen[next - model->waiting] = true;
        if (fabs(next->mu - chooser->mu) > reach) break;
        if (!model_fits(&at, table, next)) continue;
        at.chosen[at.count++] = next;
        at.score = model_score(&at, options, now_ms);
        if (model_is_enough(&at, table) && (!best.count || at.score >= best.score)) best = at;
    }
    return best;
}

static struct model_table model_propose(const struct model *model, const struct queue_options *options,
                                        const struct queue_table *table, uint64_t now_ms)
{
    struct model_table best = {.count = 0};
    for (uint32_t i = 0, choosers = 0; i < model->count && choosers < 16; i++) {
        const struct model_table at = model_choose(model, options, table, &model->waiting[i], now_ms);
        if (!at.count) continue;
        choosers++;
        if (!best.count || at.score > best.score) best = at;
        if (now_ms - model->waiting[i].joined_ms >= options->patience_ms) break;
    }
    return best;
}

static bool clash_of_some(void *arg, uint32_t a, uint32_t b) { return clash_of_two(arg, a % 8, b % 8); }

static void random_evening(struct queue_options *options, struct queue_table *table, unsigned *seed)
{
    *options = (struct queue_options){.window = rand_r(seed) % 3,
                                      .window_per_s = rand_r(seed) % 10 / 8.0,
                                      .patience_ms = 1000 * (rand_r(seed) % 90)};
    *table = (struct queue_table){.needed = 1 + rand_r(seed) % 6, .clash = clash_of_some};
    table->free = table->needed + rand_r(seed) % 4;
    if (rand_r(seed) % 2) return;
    table->least = table->needed;
    table->most = table->free + rand_r(seed) % 2;
}

static struct queue_ticket random_ticket(uint32_t number, int ratings, uint64_t joined_ms, unsigned *seed)
{
    struct queue_ticket ticket = ticket_of(number, rand_r(seed) % ratings, joined_ms);
    if (rand_r(seed) % 4 == 0) ticket.below = rand_r(seed) % 20;
    if (rand_r(seed) % 4 == 0) ticket.size_min = 1 + rand_r(seed) % 6;
    if (rand_r(seed) % 4 == 0) ticket.size_max = ticket.size_min + rand_r(seed) % 6;
    return ticket;
}

static void check_match(struct model *model, const struct model_table *at, const struct queue_match *match)
{
    bool chosen[MOST] = {false};
    uint32_t numbers[QUEUE_MOST_SEATS], found = 0;
    for (uint32_t i = 0; i < at->count; i++) chosen[at->chosen[i] - model->waiting] = true;
    for (uint32_t i = 0; i < model->count; i++)
        if (chosen[i]) numbers[found++] = model->waiting[i].tag;
    assert_int_equal(match->players, found);
    assert_true(fabs(match->score - at->score) < 1e-9);
    for (uint32_t i = 0; i < found; i++) {
        assert_int_equal(match->seats[i].tag, numbers[i]);
        model_remove(model, numbers[i]);
    }
}

// Whoever is left has too few that fit, or has not run out of patience. So nobody starves while others come.
static void check_nobody_starves(const struct model *model, const struct queue_options *options,
                                 const struct queue_table *table, uint64_t now_ms)
{
    for (uint32_t i = 0; i < model->count; i++)
        if (now_ms - model->waiting[i].joined_ms >= options->patience_ms)
            assert_int_equal(model_choose(model, options, table, &model->waiting[i], now_ms).count, 0);
}

static void some_leave_and_come_back(struct queue *queue, struct model *model, unsigned *seed)
{
    if (model->count == 0 || rand_r(seed) % 5) return;
    const struct queue_ticket ticket = model->waiting[rand_r(seed) % model->count];
    assert_true(queue_leave(queue, ticket.id));
    model_remove(model, ticket.tag);
    if (rand_r(seed) % 2) return;
    assert_int_equal(queue_join(queue, &ticket), QUEUE_JOINED);
    model_join(model, &ticket);
}

static void random_evenings_agree_with_the_model(void **state)
{
    (void)state;
    unsigned seed = 6;
    for (int evening = 0; evening < 300; evening++) {
        struct queue_options options;
        struct queue_table table;
        static struct model model;
        struct queue_match match;
        random_evening(&options, &table, &seed);
        struct queue *queue = queue_create(&options, MOST);
        model.count = 0;
        uint64_t now_ms = 1000;
        uint32_t next = 0;
        const int ratings = 1 + rand_r(&seed) % 60;
        for (int step = 0; step < 200; step++, now_ms += rand_r(&seed) % 2000) {
            for (int joins = rand_r(&seed) % 4; joins > 0 && model.count < MOST; joins--, next++) {
                const struct queue_ticket ticket = random_ticket(next, ratings, now_ms, &seed);
                assert_int_equal(queue_join(queue, &ticket), QUEUE_JOINED);
                model_join(&model, &ticket);
            }
            some_leave_and_come_back(queue, &model, &seed);
            while (sit_down(queue, &table, now_ms, &match)) {
                const struct model_table at = model_propose(&model, &options, &table, now_ms);
                check_match(&model, &at, &match);
            }
            assert_int_equal(model_propose(&model, &options, &table, now_ms).count, 0);
            assert_int_equal(queue_waiting(queue), model.count);
            check_nobody_starves(&model, &options, &table, now_ms);
        }
        queue_destroy(queue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_evenings_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
