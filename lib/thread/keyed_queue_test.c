// The order of service, and which tasks give way.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "lib/thread/keyed_queue.h"
#include "tests/test.h"

enum { NEVER = 1 << 30, VENUE = 100, GUESSER = 200 };

static struct keyed_task task_of(uint64_t key, uint64_t group)
{
    return (struct keyed_task){
        .key = key, .slots = {{key, key ? 1 : 0}}, .group = group, .deadline_ms = NEVER};
}

static void put(struct keyed_queue *queue, struct keyed_task *task)
{
    assert_null(keyed_queue_put(queue, task, 0));
}

// Takes and ends one task.
static struct keyed_task *serve(struct keyed_queue *queue, enum keyed_outcome outcome)
{
    struct keyed_turn turn;
    struct keyed_task *task = keyed_queue_take(queue, &turn);
    keyed_queue_end(queue, &turn, outcome);
    return task;
}

static void close_queue(struct keyed_queue *queue)
{
    struct keyed_turn turn;
    keyed_queue_stop(queue);
    while (keyed_queue_take(queue, &turn)) keyed_queue_end(queue, &turn, KEYED_NEITHER);
    keyed_queue_destroy(queue);
}

static void what_has_no_key_is_served_as_it_came(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(8);
    struct keyed_task tasks[8];
    for (int i = 0; i < 8; i++) put(queue, (tasks[i] = task_of(0, 0), &tasks[i]));
    for (int i = 0; i < 8; i++) assert_ptr_equal(serve(queue, KEYED_WELL), &tasks[i]);
    close_queue(queue);
}

static void keys_take_turns(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(8);
    struct keyed_task many[4], others[2];
    for (int i = 0; i < 4; i++) put(queue, (many[i] = task_of(1, 0), &many[i]));
    for (int i = 0; i < 2; i++) put(queue, (others[i] = task_of(2 + (uint64_t)i, 0), &others[i]));
    struct keyed_task *const order[] = {&many[0], &others[0], &others[1], &many[1], &many[2], &many[3]};
    for (int i = 0; i < 6; i++) assert_ptr_equal(serve(queue, KEYED_WELL), order[i]);
    close_queue(queue);
}

static void newcomers_do_not_pass_what_waits_for_ever(void **state)
{
    (void)state;
    enum { MORE = 5 };
    struct keyed_queue *queue = keyed_queue_create(8);
    struct keyed_task first = task_of(1, 0), second = task_of(1, 0), others[MORE];
    int passed = 0;
    put(queue, &first);
    put(queue, &second);
    for (; passed < MORE; passed++) { // one more key for each task that is served
        others[passed] = task_of(2 + (uint64_t)passed, 0);
        put(queue, &others[passed]);
        if (serve(queue, KEYED_WELL) == &second) break;
    }
    assert_true(passed < MORE);
    close_queue(queue);
}

static void of_a_slot_only_so_many_are_under_way(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(8);
    struct keyed_task slow[3], other = task_of(0, 0);
    struct keyed_turn turns[3];
    for (int i = 0; i < 3; i++) {
        slow[i] = (struct keyed_task){.slots = {{7, 2}}, .deadline_ms = NEVER};
        put(queue, &slow[i]);
    }
    put(queue, &other);
    assert_ptr_equal(keyed_queue_take(queue, &turns[0]), &slow[0]);
    assert_ptr_equal(keyed_queue_take(queue, &turns[1]), &slow[1]);
    assert_ptr_equal(keyed_queue_take(queue, &turns[2]), &other);
    keyed_queue_end(queue, &turns[0], KEYED_WELL);
    assert_ptr_equal(keyed_queue_take(queue, &turns[0]), &slow[2]);
    for (int i = 0; i < 3; i++) keyed_queue_end(queue, &turns[i], KEYED_WELL);
    close_queue(queue);
}

static void a_task_needs_room_in_each_of_its_slots(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(8);
    struct keyed_task tasks[5];
    struct keyed_turn turns[5];
    static const uint64_t callers[] = {1, 1, 2, 3, 4};
    for (int i = 0; i < 5; i++) {
        tasks[i] = (struct keyed_task){.slots = {{callers[i], 1}, {i < 4 ? 9 : 0, i < 4 ? 2 : 0}},
                                       .deadline_ms = NEVER};
        put(queue, &tasks[i]);
    }
    assert_ptr_equal(keyed_queue_take(queue, &turns[0]), &tasks[0]);
    assert_ptr_equal(keyed_queue_take(queue, &turns[1]), &tasks[2]); // the second one is its caller's
    assert_ptr_equal(keyed_queue_take(queue, &turns[2]), &tasks[4]); // there are two of slot 9
    keyed_queue_end(queue, &turns[1], KEYED_WELL);
    assert_ptr_equal(keyed_queue_take(queue, &turns[1]), &tasks[3]);
    keyed_queue_end(queue, &turns[0], KEYED_WELL);
    keyed_queue_end(queue, &turns[1], KEYED_WELL);
    assert_ptr_equal(keyed_queue_take(queue, &turns[3]), &tasks[1]);
    keyed_queue_end(queue, &turns[2], KEYED_WELL);
    keyed_queue_end(queue, &turns[3], KEYED_WELL);
    close_queue(queue);
}

static void the_last_gives_way_when_all_are_alike(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(3);
    struct keyed_task tasks[4];
    for (int i = 0; i < 4; i++) tasks[i] = task_of(1 + (uint64_t)i, 10 + (uint64_t)i);
    for (int i = 0; i < 3; i++) put(queue, &tasks[i]);
    assert_ptr_equal(keyed_queue_put(queue, &tasks[3], 0), &tasks[3]);
    close_queue(queue);
}

static void the_group_that_asks_most_gives_way(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(4);
    struct keyed_task many[4], one = task_of(9, VENUE);
    for (int i = 0; i < 4; i++) put(queue, (many[i] = task_of(1 + (uint64_t)i % 3, GUESSER), &many[i]));
    assert_ptr_equal(keyed_queue_put(queue, &one, 0), &many[3]); // the second one of its key
    close_queue(queue);
}

static void what_has_waited_in_vain_gives_way_first(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(2);
    struct keyed_task late = task_of(1, VENUE), other = task_of(2, VENUE), next = task_of(3, VENUE);
    late.deadline_ms = 50;
    put(queue, &late);
    put(queue, &other);
    assert_ptr_equal(keyed_queue_put(queue, &next, 50), &late);
    close_queue(queue);
}

// Fifty people behind one address, and eight addresses of which each has guessed wrong a few times.
static void groups_that_guess_give_way_to_those_that_know(void **state)
{
    (void)state;
    enum { ROOM = 128, PEOPLE = 50, GUESSES = 15, GUESSERS = 8, FAILURES = 6 };
    struct keyed_queue *queue = keyed_queue_create(ROOM);
    struct keyed_task people[PEOPLE], guesses[GUESSERS][GUESSES];
    for (uint64_t g = 0; g < GUESSERS; g++)
        for (uint64_t i = 0; i < FAILURES; i++) {
            put(queue, (guesses[g][i] = task_of(GUESSER + g, GUESSER + g), &guesses[g][i]));
            serve(queue, KEYED_BADLY);
        }
    for (uint64_t g = 0; g < GUESSERS; g++)
        for (uint64_t i = 0; i < GUESSES; i++)
            put(queue, (guesses[g][i] = task_of(1000 * (g + 1) + i, GUESSER + g), &guesses[g][i]));
    for (uint64_t i = 0; i < PEOPLE; i++) {
        people[i] = task_of(1 + i, VENUE);
        struct keyed_task *victim = keyed_queue_put(queue, &people[i], 0);
        assert_true(!victim || victim->group != VENUE);
    }
    close_queue(queue);
}

static void what_waits_when_it_stops_is_still_served(void **state)
{
    (void)state;
    struct keyed_queue *queue = keyed_queue_create(4);
    struct keyed_task before[2] = {task_of(1, 0), task_of(1, 0)}, after = task_of(2, 0);
    struct keyed_turn turn;
    put(queue, &before[0]);
    put(queue, &before[1]);
    keyed_queue_stop(queue);
    assert_ptr_equal(keyed_queue_put(queue, &after, 0), &after);
    assert_ptr_equal(serve(queue, KEYED_WELL), &before[0]);
    assert_ptr_equal(serve(queue, KEYED_WELL), &before[1]);
    assert_null(keyed_queue_take(queue, &turn));
    keyed_queue_destroy(queue);
}

// Many threads put and take; each key is a counter that only one may touch at a time.
enum { KEYS = 5, THREADS = 4, EACH = 2000 };

struct crowd {
    struct keyed_queue *queue;
    atomic_int inside[KEYS];
    atomic_int served, given_back;
};

static void *work(void *arg)
{
    struct crowd *crowd = arg;
    struct keyed_turn turn;
    struct keyed_task *task;
    while ((task = keyed_queue_take(crowd->queue, &turn))) {
        assert_int_equal(atomic_fetch_add(&crowd->inside[task->key - 1], 1), 0);
        atomic_fetch_sub(&crowd->inside[task->key - 1], 1);
        atomic_fetch_add(&crowd->served, 1);
        keyed_queue_end(crowd->queue, &turn, task->key % 2 ? KEYED_WELL : KEYED_BADLY);
        free(task);
    }
    return NULL;
}

static void *ask(void *arg)
{
    struct crowd *crowd = arg;
    for (uint64_t i = 0; i < EACH; i++) {
        struct keyed_task *task = malloc(sizeof *task);
        *task = task_of(1 + i % KEYS, i % 3);
        struct keyed_task *victim = keyed_queue_put(crowd->queue, task, 0);
        if (!victim) continue;
        atomic_fetch_add(&crowd->given_back, 1);
        free(victim);
        sched_yield();
    }
    return NULL;
}

static void many_threads_lose_nothing(void **state)
{
    (void)state;
    struct crowd crowd = {.queue = keyed_queue_create(32)};
    pthread_t workers[THREADS], askers[THREADS];
    for (int i = 0; i < THREADS; i++) pthread_create(&workers[i], NULL, work, &crowd);
    for (int i = 0; i < THREADS; i++) pthread_create(&askers[i], NULL, ask, &crowd);
    for (int i = 0; i < THREADS; i++) pthread_join(askers[i], NULL);
    keyed_queue_stop(crowd.queue);
    for (int i = 0; i < THREADS; i++) pthread_join(workers[i], NULL);
    assert_int_equal(atomic_load(&crowd.served) + atomic_load(&crowd.given_back), THREADS * EACH);
    keyed_queue_destroy(crowd.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_key_is_served_as_it_came),
        cmocka_unit_test(keys_take_turns),
        cmocka_unit_test(newcomers_do_not_pass_what_waits_for_ever),
        cmocka_unit_test(of_a_slot_only_so_many_are_under_way),
        cmocka_unit_test(a_task_needs_room_in_each_of_its_slots),
        cmocka_unit_test(the_last_gives_way_when_all_are_alike),
        cmocka_unit_test(the_group_that_asks_most_gives_way),
        cmocka_unit_test(what_has_waited_in_vain_gives_way_first),
        cmocka_unit_test(groups_that_guess_give_way_to_those_that_know),
        cmocka_unit_test(what_waits_when_it_stops_is_still_served),
        cmocka_unit_test(many_threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
