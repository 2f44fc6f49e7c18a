#include "lib/thread/keyed_queue.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    STANDINGS = 256, // groups that are remembered; two that share a place replace each other
    MEMORY = 64,     // outcomes after which the older ones count half
};

struct standing { // a group's recent outcomes
    uint64_t group;
    uint32_t well, badly;
};

struct keyed_queue {
    uint32_t most;
    pthread_mutex_t mutex; // guards the fields below
    pthread_cond_t changed;
    struct keyed_task *waiting, **last; // in order of arrival
    struct keyed_turn *turns;           // under way
    uint32_t count;                     // of both
    uint64_t round;                     // that is served now
    struct standing standings[STANDINGS];
    bool stopped;
};

struct keyed_queue *keyed_queue_create(uint32_t most)
{
    struct keyed_queue *queue = calloc(1, sizeof *queue);
    if (!queue) return NULL;
    queue->most = most;
    queue->last = &queue->waiting;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
    return queue;
}

void keyed_queue_destroy(struct keyed_queue *queue)
{
    if (!queue) return;
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

// A key has one task in each round. A task joins the round after the one that is served now, and after those
// of its key. So newcomers neither wait for all tasks of others nor pass them repeatedly.
static uint64_t round_of(const struct keyed_queue *queue, uint64_t key)
{
    uint64_t round = queue->round + 1;
    if (!key) return round;
    for (const struct keyed_task *task = queue->waiting; task; task = task->next)
        if (task->key == key && task->round >= round) round = task->round + 1;
    return round;
}

static void unlink_task(struct keyed_queue *queue, struct keyed_task *task)
{
    struct keyed_task **at = &queue->waiting;
    while (*at != task) at = &(*at)->next;
    *at = task->next;
    if (!*at) queue->last = at;
}

static double burden_of(const struct keyed_queue *queue, uint64_t group)
{
    const struct standing *standing = &queue->standings[group % STANDINGS];
    double waiting = 0;
    for (const struct keyed_task *task = queue->waiting; task; task = task->next)
        waiting += task->group == group;
    return standing->group == group ? waiting * (1 + standing->badly) / (1 + standing->well) : waiting;
}

// Of groups with equal weight, that of the task that came last.
static uint64_t heaviest_group(const struct keyed_queue *queue)
{
    uint64_t heaviest = 0;
    double most = 0;
    for (const struct keyed_task *task = queue->waiting; task; task = task->next) {
        double burden = burden_of(queue, task->group);
        if (burden < most) continue;
        most = burden;
        heaviest = task->group;
    }
    return heaviest;
}

// A task past its deadline, else the last in turn of the heaviest group.
static struct keyed_task *choose_victim(const struct keyed_queue *queue, int64_t mono_ms)
{
    uint64_t group = heaviest_group(queue);
    struct keyed_task *victim = NULL;
    for (struct keyed_task *task = queue->waiting; task; task = task->next) {
        if (task->deadline_ms <= mono_ms) return task;
        if (task->group == group && (!victim || task->round >= victim->round)) victim = task;
    }
    return victim;
}

struct keyed_task *keyed_queue_put(struct keyed_queue *queue, struct keyed_task *task, int64_t mono_ms)
{
    struct keyed_task *victim = task;
    pthread_mutex_lock(&queue->mutex);
    if (!queue->stopped) {
        task->round = round_of(queue, task->key);
        task->next = NULL;
        *queue->last = task;
        queue->last = &task->next;
        victim = queue->count < queue->most ? NULL : choose_victim(queue, mono_ms);
        if (victim)
            unlink_task(queue, victim);
        else
            queue->count++;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return victim;
}

static bool slot_has_room(const struct keyed_queue *queue, const struct keyed_task *task, int at)
{
    const struct keyed_slot *slot = &task->slots[at];
    uint32_t under_way = 0;
    if (!slot->at_once) return true;
    for (const struct keyed_turn *turn = queue->turns; turn; turn = turn->next)
        under_way += turn->slots[at] == slot->id;
    return under_way < slot->at_once;
}

static bool has_room(const struct keyed_queue *queue, const struct keyed_task *task)
{
    for (int at = 0; at < KEYED_SLOTS; at++)
        if (!slot_has_room(queue, task, at)) return false;
    return true;
}

static struct keyed_task *next_task(const struct keyed_queue *queue)
{
    struct keyed_task *next = NULL;
    for (struct keyed_task *task = queue->waiting; task; task = task->next)
        if ((!next || task->round < next->round) && has_room(queue, task)) next = task;
    return next;
}

struct keyed_task *keyed_queue_take(struct keyed_queue *queue, struct keyed_turn *turn)
{
    struct keyed_task *task;
    pthread_mutex_lock(&queue->mutex);
    while (!(task = next_task(queue)) && (queue->waiting || !queue->stopped))
        pthread_cond_wait(&queue->changed, &queue->mutex);
    if (task) {
        unlink_task(queue, task);
        if (task->round > queue->round) queue->round = task->round;
        *turn = (struct keyed_turn){.group = task->group, .next = queue->turns};
        for (int at = 0; at < KEYED_SLOTS; at++) turn->slots[at] = task->slots[at].id;
        queue->turns = turn;
    }
    pthread_mutex_unlock(&queue->mutex);
    return task;
}

static void keyed_queue_remember(struct keyed_queue *queue, uint64_t group, enum keyed_outcome outcome)
{
    struct standing *standing = &queue->standings[group % STANDINGS];
    if (outcome == KEYED_NEITHER) return;
    if (standing->group != group) *standing = (struct standing){.group = group};
    *(outcome == KEYED_WELL ? &standing->well : &standing->badly) += 1;
    if (standing->well + standing->badly < MEMORY) return;
    standing->well /= 2;
    standing->badly /= 2;
}

void keyed_queue_end(struct keyed_queue *queue, struct keyed_turn *turn, enum keyed_outcome outcome)
{
    pthread_mutex_lock(&queue->mutex);
    struct keyed_turn **at = &queue->turns;
    while (*at != turn) at = &(*at)->next;
    *at = turn->next;
    queue->count--;
    keyed_queue_remember(queue, turn->group, outcome);
    pthread_cond_broadcast(&queue->changed); // its slots have room
    pthread_mutex_unlock(&queue->mutex);
}

void keyed_queue_stop(struct keyed_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->stopped = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}
