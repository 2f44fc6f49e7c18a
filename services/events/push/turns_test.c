// Whose turn it is: with receivers that take seconds and owners that always have more, the others are served
// at once. Time is simulated.
#include "services/events/push/turns.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

enum { THREADS = 8, STEP_MS = 100, SLOW_MS = 4900, OTHERS_MOST = 400 };

static const struct turns_limits limits = {
    .most = 1024, .of_owner = 2, .to_site = THREADS / 2, .slow = THREADS / 2 - 1};

struct working {
    struct turn_of of;
    int64_t ends_ms, took_ms; // ends_ms 0: it does nothing
};

struct scene {
    struct turns *turns;
    int64_t now_ms;
    struct working threads[THREADS];
    struct turn_of others[OTHERS_MOST]; // always have something, and are slow
    size_t others_count;
    struct turn_of victim;
    int64_t rung_ms, worst_ms; // rung_ms 0: the victim has nothing coming
};

static struct turn_of turn_named(const char *name, const char *owner, const char *site)
{
    struct turn_of of;
    snprintf(of.name, sizeof of.name, "%s", name);
    snprintf(of.owner, sizeof of.owner, "%s", owner);
    snprintf(of.site, sizeof of.site, "%s", site);
    return of;
}

static void scene_begin(struct scene *scene)
{
    struct err err;
    *scene = (struct scene){.now_ms = 1000, .victim = turn_named("victim", "victim", "good:443")};
    assert_true(turns_create(&scene->turns, &limits, &err));
}

static void scene_add(struct scene *scene, const char *name, const char *owner, const char *site)
{
    scene->others[scene->others_count++] = turn_named(name, owner, site);
}

static void end_one(struct scene *scene, struct working *thread)
{
    const struct turn_end end = {.again_ms = INT64_MAX, .took_ms = thread->took_ms, .forget = true};
    turns_give(scene->turns, thread->of.name, &end, scene->now_ms);
    thread->ends_ms = 0;
}

static bool begin_one(struct scene *scene, struct working *thread)
{
    int64_t next_ms;
    if (!turns_take(scene->turns, scene->now_ms, &thread->of, &next_ms)) return false;
    bool victim = strcmp(thread->of.name, "victim") == 0;
    int64_t waited_ms = victim ? scene->now_ms - scene->rung_ms : 0;
    if (waited_ms > scene->worst_ms) scene->worst_ms = waited_ms;
    if (victim) scene->rung_ms = 0;
    thread->took_ms = victim ? STEP_MS : SLOW_MS;
    thread->ends_ms = scene->now_ms + thread->took_ms;
    return true;
}

static void scene_step(struct scene *scene)
{
    scene->now_ms += STEP_MS;
    for (size_t i = 0; i < THREADS; i++)
        if (scene->threads[i].ends_ms && scene->threads[i].ends_ms <= scene->now_ms)
            end_one(scene, &scene->threads[i]);
    for (size_t i = 0; i < scene->others_count; i++)
        turns_ring(scene->turns, &scene->others[i], scene->now_ms);
    if (!scene->rung_ms && scene->now_ms % 2000 == 0) {
        turns_ring(scene->turns, &scene->victim, scene->now_ms);
        scene->rung_ms = scene->now_ms;
    }
    for (size_t i = 0; i < THREADS; i++)
        if (!scene->threads[i].ends_ms && !begin_one(scene, &scene->threads[i])) return;
}

// The longest that the victim waited meanwhile.
static int64_t run_for(struct scene *scene, int64_t ms)
{
    scene->worst_ms = 0;
    for (int64_t until_ms = scene->now_ms + ms; scene->now_ms < until_ms;) scene_step(scene);
    int64_t waits_ms = scene->rung_ms ? scene->now_ms - scene->rung_ms : 0;
    return waits_ms > scene->worst_ms ? waits_ms : scene->worst_ms;
}

static void add_strangers(struct scene *scene, size_t count, const char *site)
{
    for (size_t i = 0; i < count; i++) {
        char name[32], own[32];
        snprintf(name, sizeof name, "attacker %zu", i);
        snprintf(own, sizeof own, "evil%zu:443", i);
        scene_add(scene, name, name, site ? site : own);
    }
}

static void five_who_are_always_slow_hold_nobody_up(void **state)
{
    struct scene scene;
    (void)state;
    scene_begin(&scene);
    add_strangers(&scene, 5, NULL);
    assert_true(run_for(&scene, 600000) <= STEP_MS);
    turns_destroy(scene.turns);
}

// Each has one slow turn before it is known that they are.
static void a_crowd_holds_others_up_once(void **state)
{
    enum { CROWD = 100 };
    struct scene scene;
    (void)state;
    scene_begin(&scene);
    add_strangers(&scene, CROWD, NULL);
    int64_t most_ms = (CROWD / THREADS + 1) * (SLOW_MS + STEP_MS);
    assert_true(run_for(&scene, most_ms) <= most_ms);
    assert_true(run_for(&scene, TURN_SLOW_FOR_MS / 2) <= STEP_MS);
    turns_destroy(scene.turns);
}

static void one_owner_of_many_has_two_turns_at_once(void **state)
{
    struct scene scene;
    char name[32];
    (void)state;
    scene_begin(&scene);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "topic %d", i);
        scene_add(&scene, name, "god", "slow:443");
    }
    assert_true(run_for(&scene, 600000) <= STEP_MS);
    turns_destroy(scene.turns);
}

static void one_site_leaves_half_of_the_threads(void **state)
{
    struct scene scene;
    (void)state;
    scene_begin(&scene);
    add_strangers(&scene, OTHERS_MOST, "slow:443");
    assert_true(run_for(&scene, 300000) <= STEP_MS);
    turns_destroy(scene.turns);
}

static void who_was_served_last_comes_last(void **state)
{
    struct scene scene;
    struct turn_of taken;
    int64_t next_ms;
    const struct turn_of a = turn_named("a", "a", ""), b = turn_named("b", "b", ""),
                         c = turn_named("c", "c", "");
    const struct turn_end quick = {.again_ms = INT64_MAX, .forget = true};
    (void)state;
    scene_begin(&scene);
    turns_ring(scene.turns, &a, 1);
    assert_true(turns_take(scene.turns, 2, &taken, &next_ms));
    turns_ring(scene.turns, &a, 3); // while it goes on
    turns_ring(scene.turns, &b, 4);
    turns_ring(scene.turns, &c, 5);
    turns_give(scene.turns, "a", &quick, 6);
    turns_ring(scene.turns, &a, 6);
    static const char *const order[] = {"a", "b", "c"}; // a waits since 2, the others since they came
    for (int i = 0; i < 3; i++) {
        assert_true(turns_take(scene.turns, 7 + i, &taken, &next_ms));
        assert_string_equal(taken.name, order[i]);
        turns_give(scene.turns, taken.name, &quick, 7 + i);
        turns_ring(scene.turns, &a, 7 + i);
    }
    assert_true(turns_take(scene.turns, 20, &taken, &next_ms));
    assert_string_equal(taken.name, "a");
    assert_false(turns_take(scene.turns, 20, &taken, &next_ms));
    assert_int_equal(next_ms, INT64_MAX);
    turns_destroy(scene.turns);
}

static void who_is_slow_rests(void **state)
{
    struct scene scene;
    struct turn_of taken;
    int64_t next_ms;
    const struct turn_of a = turn_named("a", "a", "");
    const struct turn_end slow = {.again_ms = INT64_MAX, .took_ms = 3000, .forget = true};
    (void)state;
    scene_begin(&scene);
    turns_ring(scene.turns, &a, 0);
    assert_true(turns_take(scene.turns, 0, &taken, &next_ms));
    turns_give(scene.turns, "a", &slow, 3000);
    turns_ring(scene.turns, &a, 3000);
    assert_false(turns_take(scene.turns, 3000, &taken, &next_ms));
    assert_int_equal(next_ms, 3000 + TURN_RESTS * 3000);
    assert_true(turns_take(scene.turns, next_ms, &taken, &next_ms));
    turns_destroy(scene.turns);
}

static void a_site_is_entered_when_it_has_a_place(void **state)
{
    struct scene scene;
    struct turn_of taken;
    int64_t next_ms;
    char name[8];
    const struct turn_end again = {.again_ms = 1}, done = {.again_ms = INT64_MAX, .forget = true};
    (void)state;
    scene_begin(&scene);
    for (unsigned i = 0; i <= limits.to_site; i++) {
        snprintf(name, sizeof name, "%u", i);
        const struct turn_of of = turn_named(name, name, "");
        turns_ring(scene.turns, &of, 0);
        assert_true(turns_take(scene.turns, 0, &taken, &next_ms));
        assert_int_equal(turns_enter(scene.turns, name, "push:443", 0), i < limits.to_site);
    }
    turns_give(scene.turns, name, &again, 1);
    assert_false(turns_take(scene.turns, 2, &taken, &next_ms)); // it waits for a place
    turns_give(scene.turns, "0", &done, 2);
    assert_true(turns_take(scene.turns, 2, &taken, &next_ms));
    assert_string_equal(taken.name, name);
    turns_clear(scene.turns);
    turns_destroy(scene.turns);
}

static void a_site_is_who_has_the_name(void **state)
{
    char site[TURN_SITE];
    (void)state;
    turn_site(site, "https://a.b.push.example/x", false);
    assert_string_equal(site, "push.example:443");
    turn_site(site, "https://push.example:8443/", false);
    assert_string_equal(site, "push.example:8443");
    turn_site(site, "http://127.0.0.1:8080/", true);
    assert_string_equal(site, "127.0.0.1:8080");
    turn_site(site, "nonsense", false);
    assert_string_equal(site, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_who_are_always_slow_hold_nobody_up),
        cmocka_unit_test(a_crowd_holds_others_up_once),
        cmocka_unit_test(one_owner_of_many_has_two_turns_at_once),
        cmocka_unit_test(one_site_leaves_half_of_the_threads),
        cmocka_unit_test(who_was_served_last_comes_last),
        cmocka_unit_test(who_is_slow_rests),
        cmocka_unit_test(a_site_is_entered_when_it_has_a_place),
        cmocka_unit_test(a_site_is_who_has_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
